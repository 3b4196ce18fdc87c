"""积分与时长: the rules, the rounds, what came and went, and for the auditor who verifies whom how often."""
