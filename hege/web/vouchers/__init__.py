"""能量券 for who gives them out: batches, who approves them, who holds one."""
