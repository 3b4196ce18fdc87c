"""What parties are asked to do in a case, and the links by which outsiders answer."""
