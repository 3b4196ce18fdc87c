from django.db import migrations

from hege.kernel.mutability import append_only_operation


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        append_only_operation(
            "Account", "SourceFile", "SourceRow", "Event", "Entry", "Evidence", "BalanceAssertion", app="ledger"
        )
    ]
