"""Long work and who is at it: of several workers one does a thing, and another takes it over when the first is gone."""
