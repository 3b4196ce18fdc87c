"""Signed badges (电子徽章): Open Badges 3.0 with a proof that anybody can check, and the keys a street signs them with."""
