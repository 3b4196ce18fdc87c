"""Every list of the office as a table to take along (下载表格): the rows of the page, all of them, under its filter."""
