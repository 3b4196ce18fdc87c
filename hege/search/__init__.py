"""One index of character pairs (字对索引): Chinese has no blanks between words, so every two neighbours are a word."""
