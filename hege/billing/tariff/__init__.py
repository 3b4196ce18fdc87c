"""The price list (水价) that printed bills are compared with; no bill is changed by it."""
