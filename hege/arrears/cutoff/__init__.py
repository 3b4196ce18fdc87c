"""The cut-off procedure (停水程序) as a guard, not a button."""
