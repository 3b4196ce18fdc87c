"""代收人的说法: an agent tells what was taken and passed on, and what to make of a booked line; the street looks at it."""
