from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]

    operations = [AppendOnlyTables("TrailLine", app="trail")]
