from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("arrears", "0001_initial")]

    operations = [AppendOnlyTables("Demand", app="arrears")]
