"""The files of a city (全市数据): ledger, bills, shares and cases as Parquet, by street and month; who holds the money over all of them.

What reads them needs no database of ours. Who is a person is not in them (``docs/city.md``).
"""
