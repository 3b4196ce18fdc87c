from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        AppendOnlyTables(
            "Account", "SourceFile", "SourceRow", "Event", "Entry", "Evidence", "BalanceAssertion", app="ledger"
        )
    ]
