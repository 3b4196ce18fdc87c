"""The agreement a mediation ends in, from its signing to the last instalment."""
