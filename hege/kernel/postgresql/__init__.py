"""Django's PostgreSQL with ``hege.kernel.points``."""
