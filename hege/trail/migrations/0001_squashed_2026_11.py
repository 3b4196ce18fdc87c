"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("trail", "0001_initial"),
        ("trail", "0002_append_only"),
        ("trail", "0003_keys_and_instants"),
        ("trail", "0004_begin_with_a_key"),
    ]

    dependencies = [
        ("people", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="RequestKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=64, unique=True)),
                        (
                            "asked",
                            models.CharField(
                                help_text="SHA-256 over the address and what was filled in.", max_length=64
                            ),
                        ),
                        ("answer", models.CharField(blank=True, max_length=500)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="TrailHead",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.PositiveBigIntegerField(default=0)),
                        ("hash", models.CharField(blank=True, max_length=64)),
                        ("key", models.CharField(blank=True, default="", max_length=12)),
                        ("recorded_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "street",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trail_head",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Witness",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="TrailLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.PositiveBigIntegerField()),
                        ("at", models.DateTimeField()),
                        (
                            "on_behalf",
                            models.CharField(blank=True, help_text="The outsider who acted by a link.", max_length=120),
                        ),
                        ("verb", models.CharField(max_length=60)),
                        ("thing", models.CharField(max_length=60)),
                        ("thing_id", models.CharField(max_length=40)),
                        ("data", models.JSONField(default=dict)),
                        ("previous", models.CharField(blank=True, max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                        ("recipe", models.PositiveSmallIntegerField()),
                        ("key", models.CharField(blank=True, default="", max_length=12)),
                        ("recorded_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trail_lines",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trail_lines",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["street", "thing", "thing_id", "seq"], name="trail_thing"),
                            models.Index(fields=["street", "at"], name="trail_at"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("street", "seq"), name="trail_seq_unique")],
                    },
                ),
            ]
        ),
        AppendOnlyTables("TrailLine", "Witness", app="trail"),
    ]
