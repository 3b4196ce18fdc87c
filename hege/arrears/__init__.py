"""Arrears (欠费处置): who holds the money, early warning, cut-off, deferral, settlement."""
