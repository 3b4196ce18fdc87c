"""Mediation (人民调解): application, record, agreement, instalments, confirmation."""
