"""Numbers on certificates (证号): whether one is written as its kind is, which part says so, and how much that proves."""
