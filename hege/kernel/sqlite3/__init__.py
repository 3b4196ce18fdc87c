"""Django's SQLite with ``hege.kernel.points``."""
