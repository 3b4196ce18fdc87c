"""What Django takes for the database: the name is its own."""

from django.db.backends.sqlite3 import base

from hege.kernel.points import SharedPoints


class DatabaseWrapper(SharedPoints, base.DatabaseWrapper):
    """SQLite."""
