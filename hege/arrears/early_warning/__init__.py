"""Early warning (预警): what the books say is going wrong, before the water is cut."""
