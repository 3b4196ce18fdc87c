"""The run sheet of an activity with parts, and the report afterwards: an activity like others, tied to no award."""
