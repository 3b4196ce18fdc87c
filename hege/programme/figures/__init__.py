"""Figures of the programme (数字): how it stood at the end of a day, and what a season came to."""
