import django.db.models.deletion
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables

# SQLite makes the table anew for a new column, and its triggers go with the old one: lifted first, set again after.
SEAL = AppendOnlyTables("TrailLine", app="trail")
LIFT = SEAL.lifted


class Migration(migrations.Migration):
    dependencies = [("trail", "0002_append_only")]

    operations = [
        migrations.AddField("trailhead", "key", models.CharField(blank=True, default="", max_length=12)),
        migrations.AddField("trailhead", "recorded_at", models.DateTimeField(blank=True, null=True)),
        LIFT,
        migrations.AddField("trailline", "recipe", models.PositiveSmallIntegerField(default=1), preserve_default=False),
        migrations.AddField("trailline", "key", models.CharField(blank=True, default="", max_length=12)),
        migrations.AddField("trailline", "recorded_at", models.DateTimeField(blank=True, null=True)),
        SEAL,
        migrations.CreateModel(
            name="Witness",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("backup", "备份")], max_length=10)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("seq", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "street",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        AppendOnlyTables("Witness", app="trail"),
    ]
