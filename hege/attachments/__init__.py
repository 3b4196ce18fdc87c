"""Files that are kept (附件): pictures and papers, their bytes by what they hold, each row written once."""
