from django.db import migrations

from hege.kernel.mutability import append_only_operation


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial")]

    operations = [append_only_operation("Attachment", app="attachments")]
