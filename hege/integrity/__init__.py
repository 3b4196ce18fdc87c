"""Proof that a street's books are whole (核验)."""
