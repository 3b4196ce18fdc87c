"""The honour roll (荣誉榜): honours that others have given to firms, products and trade marks, taken in and looked at."""
