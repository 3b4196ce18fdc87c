"""New words in the code, ``Transaction`` and ``Transfer``; tables and columns keep their names, so nothing is done to them."""

from django.db import migrations, models
from django.db.models import PROTECT

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_share_estimated_also_guessed"), ("ledger", "0005_chart_handed_in")]

    operations = [
        AtOnce(
            renames=[
                migrations.RenameModel("Event", "Transaction"),
                migrations.RenameModel("Entry", "Transfer"),
                migrations.AlterModelTable("Transaction", "ledger_event"),
                migrations.AlterModelTable("Transfer", "ledger_entry"),
                migrations.RenameField("Transaction", "particulars", "document_digest"),
                migrations.RenameField("Transfer", "event", "transaction"),
                migrations.RenameField("Evidence", "event", "transaction"),
                migrations.RenameField("OpenClaim", "event", "transaction"),
                migrations.AlterField(
                    "Transaction",
                    "document_digest",
                    models.CharField(max_length=64, blank=True, default="", db_column="particulars"),
                ),
                migrations.RemoveIndex("Transfer", "entry_debit_covering"),
                migrations.AddIndex(
                    "Transfer",
                    models.Index(
                        fields=["debit", "effective_on", "amount_fen", "credit", "transaction"],
                        name="entry_debit_covering",
                    ),
                ),
                migrations.RemoveIndex("Transfer", "entry_credit_covering"),
                migrations.AddIndex(
                    "Transfer",
                    models.Index(
                        fields=["credit", "effective_on", "amount_fen", "debit", "transaction"],
                        name="entry_credit_covering",
                    ),
                ),
                migrations.AlterField(
                    "Transfer",
                    "transaction",
                    models.ForeignKey("ledger.transaction", PROTECT, related_name="transfers", db_column="event_id"),
                ),
                migrations.AlterField(
                    "Evidence",
                    "transaction",
                    models.ForeignKey("ledger.transaction", PROTECT, related_name="evidence", db_column="event_id"),
                ),
                migrations.AlterField(
                    "OpenClaim",
                    "transaction",
                    models.OneToOneField(
                        "ledger.transaction", PROTECT, related_name="open_claim", db_column="event_id"
                    ),
                ),
                migrations.AlterField(
                    "Transaction", "book", models.ForeignKey("ledger.book", PROTECT, related_name="transactions")
                ),
                migrations.AlterField(
                    "Transaction",
                    "source_row",
                    models.OneToOneField("ledger.sourcerow", PROTECT, null=True, related_name="transaction"),
                ),
            ]
        )
    ]
