"""The mediation file: its papers and records, from application to archive."""
