"""The first page of a demo: what this is, who to be, six steps. Only `hege demo --serve` has it."""
