"""The ledger's new word for an event; the column keeps its name."""

from django.db import migrations, models
from django.db.models import PROTECT

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_share_estimated_also_guessed"), ("ledger", "0006_transactions_and_transfers")]

    operations = [
        AtOnce(
            renames=[
                migrations.RenameField("Bill", "event", "transaction"),
                migrations.RenameField("Allocation", "event", "transaction"),
                migrations.RenameField("Payment", "event", "transaction"),
                migrations.AlterField(
                    "Bill",
                    "transaction",
                    models.OneToOneField("ledger.transaction", PROTECT, related_name="bill", db_column="event_id"),
                ),
                migrations.AlterField(
                    "Allocation",
                    "transaction",
                    models.OneToOneField(
                        "ledger.transaction", PROTECT, related_name="allocation", db_column="event_id"
                    ),
                ),
                migrations.AlterField(
                    "Payment",
                    "transaction",
                    models.OneToOneField("ledger.transaction", PROTECT, related_name="payment", db_column="event_id"),
                ),
            ]
        )
    ]
