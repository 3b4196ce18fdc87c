"""A plain name for the key of a form that was sent; the table keeps its own."""

from django.db import migrations

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [("trail", "0004_begin_with_a_key")]

    operations = [
        AtOnce(
            renames=[
                migrations.RenameModel("RequestKey", "IdempotencyKey"),
                migrations.AlterModelTable("IdempotencyKey", "trail_requestkey"),
            ]
        )
    ]
