"""Joint conferences (联席会议): called, attended, minuted, decided."""
