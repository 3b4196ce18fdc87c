"""What ever moved between an account and accounts of a kind, of the entries that are there: of books that keep to the first chart."""

import django.db.models.deletion
from django.db import migrations, models

from hege.kernel.schema import BackfillOfEach

FILL = """
INSERT INTO ledger_accounttotal (street_id, account_id, against, fen, unproven_fen)
SELECT sides.street_id, account_id, other.kind, SUM(fen), SUM(unproven_fen) FROM (
    SELECT moved.street_id, account_id, other_id, fen, CASE WHEN claim.id IS NULL THEN 0 ELSE fen END AS unproven_fen
    FROM (
        SELECT street_id, book_id, event_id, debit_id AS account_id, credit_id AS other_id, amount_fen AS fen FROM ledger_entry
        UNION ALL SELECT street_id, book_id, event_id, credit_id, debit_id, -amount_fen FROM ledger_entry
    ) AS moved
    JOIN ledger_book AS book ON book.id = moved.book_id AND book.chart = ''
    LEFT JOIN ledger_openclaim AS claim ON claim.event_id = moved.event_id
) AS sides
JOIN ledger_account AS other ON other.id = other_id
GROUP BY sides.street_id, account_id, other.kind
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_month_totals"), ("people", "0007_leader")]

    operations = [
        migrations.CreateModel(
            "AccountTotal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("against", models.CharField(max_length=20)),
                ("fen", models.BigIntegerField()),
                ("unproven_fen", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="totals", to="ledger.account"
                    ),
                ),
                ("street", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("street", "account", "against"), name="account_total_unique")]},
        ),
        BackfillOfEach([FILL], [FILL]),
    ]
