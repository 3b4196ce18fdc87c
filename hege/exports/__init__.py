"""Files out (导出): tables of a book, of the trail, and packs for whoever checks. What goes out is on the trail."""
