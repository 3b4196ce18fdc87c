"""What each signal would have said first, and when: a supply point walked again day by day (预警回看)."""
