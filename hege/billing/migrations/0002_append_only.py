from django.db import migrations

from hege.kernel.mutability import append_only_operation


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        append_only_operation(
            "MethodChoice", "Bill", "BillComponent", "Allocation", "Share", "Payment", "Acknowledgement", app="billing"
        )
    ]
