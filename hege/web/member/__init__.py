"""What a member sees on their phone (成员页): below ``/m/<street_code>/``, let in by ``hege.web.bearers``."""
