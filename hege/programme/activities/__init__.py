"""Signing up for an activity, waiting for a place, coming to it (报名、候补、签到)."""
