from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        AppendOnlyTables(
            "MethodChoice", "Bill", "BillComponent", "Allocation", "Share", "Payment", "Acknowledgement", app="billing"
        )
    ]
