"""What a collecting agent says of the money (代收人的说法): kept as said, looked at by the street, never booked by itself."""
