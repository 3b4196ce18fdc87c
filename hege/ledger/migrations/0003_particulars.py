from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables

# SQLite makes the table anew for a new column, and its triggers go with the old one: lifted first, set again after.
SEAL = AppendOnlyTables("Event", app="ledger")
LIFT = SEAL.lifted


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        LIFT,
        migrations.AddField("event", "particulars", models.CharField(blank=True, default="", max_length=64)),
        SEAL,
    ]
