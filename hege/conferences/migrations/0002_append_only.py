from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("conferences", "0001_initial")]

    operations = [AppendOnlyTables("Minutes", app="conferences")]
