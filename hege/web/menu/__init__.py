"""活动菜单: what a street offers riders, for everybody. ``web.programme`` has the pages of who plans it."""
