"""Files in (导入): spreadsheets to checked rows to actions, all or nothing."""
