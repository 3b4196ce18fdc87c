"""The year of the programme (全年计划): seasons, their twelve topics, and activities, planned by one and published by another."""
