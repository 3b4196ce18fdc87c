"""What is one person's own at their desk (自己的东西): what they were typing, which views of lists they come back to. Nothing holds by it, and nobody else sees it."""
