from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial")]

    operations = [AppendOnlyTables("Attachment", app="attachments")]
