"""Vouchers (能量券): batches, what members claim of them, the code that moves, merchants who take them."""
