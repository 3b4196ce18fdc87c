"""附件: the files that are kept, each served by the right to what it is about."""
