"""Totals of months, and those of the entries that are there: of books that keep to the first chart, which has no name."""

import django.db.models.deletion
from django.db import migrations, models

from hege.kernel.schema import BackfillOfEach

FILL = """
INSERT INTO ledger_monthtotal (street_id, account_id, month_on, fen, unproven_fen)
SELECT street_id, account_id, month_on, SUM(fen), SUM(unproven_fen) FROM (
    SELECT moved.street_id, account_id, {month} AS month_on, fen, CASE WHEN claim.id IS NULL THEN 0 ELSE fen END AS unproven_fen
    FROM (
        SELECT street_id, book_id, event_id, effective_on, debit_id AS account_id, amount_fen AS fen FROM ledger_entry
        UNION ALL SELECT street_id, book_id, event_id, effective_on, credit_id, -amount_fen FROM ledger_entry
    ) AS moved
    JOIN ledger_book AS book ON book.id = moved.book_id AND book.chart = ''
    LEFT JOIN ledger_openclaim AS claim ON claim.event_id = moved.event_id
) AS sides
GROUP BY street_id, account_id, month_on
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_once_each"), ("people", "0007_leader")]

    operations = [
        migrations.CreateModel(
            "MonthTotal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month_on", models.DateField()),
                ("fen", models.BigIntegerField()),
                ("unproven_fen", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="month_totals", to="ledger.account"
                    ),
                ),
                ("street", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("street", "account", "month_on"), name="month_total_unique")]},
        ),
        BackfillOfEach(
            [FILL.format(month="date(effective_on, 'start of month')")],
            [FILL.format(month="date_trunc('month', effective_on)::date")],
        ),
    ]
