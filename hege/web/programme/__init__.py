"""全年计划: seasons and activities for who plans and publishes them. ``web.menu`` has what everybody reads."""
