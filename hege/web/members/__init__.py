"""成员, as the office sees them."""
