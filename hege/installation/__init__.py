"""Is this installation well: what was looked at, how it stands, and what to do about it (运行状况)."""
