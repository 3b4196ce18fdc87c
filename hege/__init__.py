"""Hege (合格): one street's shared meters, money, cases, conferences and agreements in one honest book."""

__version__ = "0.2.0"
