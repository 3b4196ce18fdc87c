"""To whom water money is paid directly (收款账户): an account the utility has named, entered by one and checked by another."""
