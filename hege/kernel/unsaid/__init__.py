"""The database of a site that has several, while nobody has said which: it answers nothing."""
