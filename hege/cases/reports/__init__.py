"""How a case comes to be: reports, who made them, survey visits."""
