"""The way of a case from filing to the re-visit, its parties and its timeline."""
