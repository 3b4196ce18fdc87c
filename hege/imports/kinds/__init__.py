"""What each kind of file means: its rows checked against what is known, and booked through the actions below."""
