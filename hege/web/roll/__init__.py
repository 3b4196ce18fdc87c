"""荣誉榜: the public pages of the honour roll. ``web.honours`` has those of who works on it."""
