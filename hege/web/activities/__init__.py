"""活动与签到 for who works on it; a member's own pages are in ``web.member``, what everybody sees in ``web.menu``."""
