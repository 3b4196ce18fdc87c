"""Stories played through the same actions the pages use: proof that the whole house works, and what a demo shows."""
