"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [("metering", "0001_initial"), ("metering", "0002_append_only")]

    dependencies = [
        ("ledger", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        ("places", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="SupplyPoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(help_text="The number of its first master meter.", max_length=40)),
                        ("name", models.CharField(max_length=120)),
                        ("location", models.CharField(blank=True, max_length=200)),
                        (
                            "book",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supply_point",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "place",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supply_points",
                                to="places.place",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supply_points",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "code"), name="supply_point_code_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PointRole",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("account_holder", "账户名"), ("agent", "代收人")], max_length=16
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="point_roles",
                                to="people.party",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="roles",
                                to="metering.supplypoint",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "point", "kind", "from_on"), name="point_role_start_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_on__isnull", True), ("until_on__gt", models.F("from_on")), _connector="OR"
                                ),
                                name="point_role_period",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Meter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=40)),
                        ("kind", models.CharField(choices=[("master", "总表"), ("sub", "分表")], max_length=6)),
                        ("diameter_mm", models.PositiveSmallIntegerField(blank=True, null=True)),
                        (
                            "digits",
                            models.PositiveSmallIntegerField(
                                default=5, help_text="Whole cubic-metre digits of the register."
                            ),
                        ),
                        ("started_on", models.DateField()),
                        ("started_litres", models.BigIntegerField(default=0)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("ended_litres", models.BigIntegerField(blank=True, null=True)),
                        ("verified_on", models.DateField(blank=True, null=True)),
                        ("location", models.CharField(blank=True, max_length=200)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="meters", to="people.street"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meters",
                                to="places.unit",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meters",
                                to="metering.supplypoint",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "number"), name="meter_number_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "sub"),
                                    models.Q(("kind", "master"), ("unit__isnull", True)),
                                    _connector="OR",
                                ),
                                name="meter_unit_only_behind_master",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_litres__isnull", True), ("ended_on__isnull", True)),
                                    models.Q(("ended_litres__isnull", False), ("ended_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="meter_end_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Connection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "awaited_sub",
                            models.CharField(
                                blank=True,
                                help_text="The sub-meter the roster names while no meter is registered yet.",
                                max_length=40,
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="connections",
                                to="places.unit",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="connections",
                                to="metering.supplypoint",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "unit", "from_on"), name="connection_start_unique"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("until_on__isnull", True)),
                                fields=("street", "unit"),
                                name="connection_one_open",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("read_on", models.DateField()),
                        ("litres", models.BigIntegerField()),
                        (
                            "method",
                            models.CharField(
                                choices=[("on_site", "现场"), ("remote", "远传"), ("estimated", "估抄")], max_length=10
                            ),
                        ),
                        ("reader", models.CharField(blank=True, max_length=60)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        (
                            "rollovers",
                            models.PositiveSmallIntegerField(
                                default=0, help_text="Times the register has passed zero so far."
                            ),
                        ),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "corrects",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrected_by",
                                to="metering.reading",
                            ),
                        ),
                        (
                            "meter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readings",
                                to="metering.meter",
                            ),
                        ),
                        (
                            "source_row",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reading",
                                to="ledger.sourcerow",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["meter", "read_on"], name="reading_meter_day")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("corrects__isnull", True)),
                                fields=("street", "meter", "read_on"),
                                name="reading_day_unique",
                            ),
                            models.CheckConstraint(condition=models.Q(("litres__gte", 0)), name="reading_not_negative"),
                        ],
                    },
                ),
            ]
        ),
        AppendOnlyTables("Reading", app="metering"),
    ]
