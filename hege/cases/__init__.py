"""Cases (案件): reports, cases, parties, tasks, clocks, timeline."""
