from collections.abc import Iterator
from itertools import islice
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import Backfill
from hege.kernel.spelling import fold_key

# SQLite makes the table anew for a new column, and its triggers go with the old one: lifted first, set again after.
SEAL = AppendOnlyTables("Evidence", app="ledger")
LIFT = SEAL.lifted


def fold_old_keys(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Rows kept until now are found by any spelling too; they themselves, and their seals, stay as they are."""
    folded_key = apps.get_model("ledger", "FoldedKey")
    rows = apps.get_model("ledger", "SourceRow").objects.exclude(key__startswith="sha256:").order_by("pk")

    def odd() -> Iterator[Any]:
        for pk, street, source, key in rows.values_list("pk", "street_id", "source", "key").iterator(5000):
            folded = fold_key(key)
            if folded != key:
                yield folded_key(street_id=street, row_id=pk, source=source, key=folded[:240])

    found = odd()
    while lot := list(islice(found, 2000)):
        folded_key.objects.bulk_create(lot)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_particulars"), ("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            "FoldedKey",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=240)),
                ("street", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street")),
                ("row", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="folded_key", to="ledger.sourcerow")),
            ],
            {"indexes": [models.Index(fields=["street", "source", "key"], name="folded_key")]},
        ),
        LIFT,
        migrations.AddField(
            "Evidence",
            "source_row",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="ledger.sourcerow"),
        ),
        migrations.AddConstraint(
            "Evidence",
            models.UniqueConstraint(
                condition=models.Q(source_row__isnull=False), fields=("street", "source_row"), name="evidence_source_row_unique"
            ),
        ),
        SEAL,
        Backfill(fold_old_keys),
    ]
