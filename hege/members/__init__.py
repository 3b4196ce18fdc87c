"""Couriers, riders and drivers who have joined a street's programme (成员): no users; a browser of theirs is let in by a cookie."""
