"""荣誉榜: the public pages of the honour roll."""
