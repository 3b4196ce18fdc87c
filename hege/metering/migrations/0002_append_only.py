from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("metering", "0001_initial")]

    operations = [AppendOnlyTables("Reading", app="metering")]
