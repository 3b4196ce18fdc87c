"""结算: what shops are owed for vouchers, list by list; what they say of it; what was paid; who owes whom."""
