"""Acts that need several packages (程序): who knows both sides stands above both."""
