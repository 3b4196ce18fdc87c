"""Points and honour minutes of members, two books of a street on the one ledger machine (积分与荣誉时长)."""
