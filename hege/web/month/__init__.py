"""一页纸: what a month came to, in sums, for who leads the street; it names no person and no shop."""
