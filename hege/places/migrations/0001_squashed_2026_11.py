"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("places", "0001_initial"),
        ("places", "0002_calendarday_street"),
        ("places", "0003_calendar_of_each_street"),
        ("places", "0004_calendarday_unique"),
    ]

    dependencies = [
        ("people", "0001_squashed_2026_11"),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Place",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("street", "街镇"),
                                    ("comprehensive_grid", "综合网格"),
                                    ("residence_grid", "居村网格"),
                                    ("block", "街区"),
                                    ("micro_grid", "微网格"),
                                    ("premises", "楼宇/沿街"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("code", models.CharField(max_length=30)),
                        ("name", models.CharField(max_length=80)),
                        ("path", models.CharField(max_length=200)),
                        (
                            "polygon",
                            models.JSONField(
                                blank=True, help_text="GeoJSON, WGS-84. Never a key to people.", null=True
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="places.place",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="places", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "path"], name="place_path")],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "code", "from_on"), name="place_code_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=40)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("shop", "商铺"),
                                    ("catering", "餐饮"),
                                    ("hospital", "医疗"),
                                    ("school", "学校"),
                                    ("resident", "居民"),
                                    ("own", "户主自用"),
                                    ("vacant", "空置"),
                                    ("public", "公用"),
                                    ("other", "其他"),
                                ],
                                default="shop",
                                max_length=12,
                            ),
                        ),
                        ("area_sqm", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                        (
                            "link_serial",
                            models.PositiveIntegerField(
                                default=1, help_text="Raised to revoke the unit's printed code."
                            ),
                        ),
                        (
                            "place",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="units",
                                to="places.place",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="units", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("street", "code"), name="unit_code_unique")],
                    },
                ),
                migrations.CreateModel(
                    name="Tenancy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("from_on", models.DateField(help_text="The first day in.")),
                        ("until_on", models.DateField(blank=True, help_text="The first day out.", null=True)),
                        (
                            "party",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tenancies",
                                to="people.party",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tenancies",
                                to="people.street",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tenancies", to="places.unit"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "unit", "from_on"), name="tenancy_start_unique"),
                            models.UniqueConstraint(
                                condition=models.Q(("until_on__isnull", True)),
                                fields=("street", "unit"),
                                name="tenancy_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_on__isnull", True), ("until_on__gt", models.F("from_on")), _connector="OR"
                                ),
                                name="tenancy_period",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnitLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("serial", models.PositiveIntegerField()),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="unit_links",
                                to="people.street",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="places.unit"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "unit", "serial"), name="unit_link_serial")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("kind", models.CharField(choices=[("work", "工作日"), ("rest", "休息日")], max_length=4)),
                        ("name", models.CharField(blank=True, max_length=40)),
                        ("source", models.CharField(max_length=80)),
                        ("confirmed", models.BooleanField(default=True)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [models.UniqueConstraint(fields=("street", "day"), name="calendar_day_unique")],
                    },
                ),
            ]
        ),
    ]
