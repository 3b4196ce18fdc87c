"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("billing", "0001_initial"),
        ("billing", "0002_append_only"),
        ("billing", "0003_share_estimated_also_guessed"),
    ]

    dependencies = [
        ("ledger", "0001_squashed_2026_11"),
        ("metering", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        ("places", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Bill",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=60)),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField()),
                        ("previous_litres", models.BigIntegerField(null=True)),
                        ("current_litres", models.BigIntegerField(null=True)),
                        ("volume_litres", models.BigIntegerField()),
                        ("amount_fen", models.BigIntegerField()),
                        ("due_on", models.DateField()),
                        ("issued_on", models.DateField()),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="bill", to="ledger.event"
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bills",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="bills", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "point", "from_on"], name="bill_point_period")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until_on__gt", models.F("from_on"))), name="bill_period"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allocation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[("equal", "等额"), ("area", "面积"), ("sub_meter", "分表"), ("mixed", "混合")],
                                max_length=10,
                            ),
                        ),
                        ("inputs", models.JSONField()),
                        ("decision", models.CharField(blank=True, max_length=300)),
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
                        (
                            "corrects",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="billing.allocation",
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocation",
                                to="ledger.event",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="people.street",
                            ),
                        ),
                        (
                            "bill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="billing.bill",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="BillComponent",
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
                                choices=[("supply", "供水费"), ("sewage", "污水处理费"), ("other", "其他费用")],
                                max_length=8,
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField()),
                        (
                            "bill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="components",
                                to="billing.bill",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "bill", "kind"), name="bill_component_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MethodChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[("equal", "等额"), ("area", "面积"), ("sub_meter", "分表"), ("mixed", "混合")],
                                max_length=10,
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("decision", models.CharField(max_length=300)),
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
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="method_choices",
                                to="metering.supplypoint",
                            ),
                        ),
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
                    name="Payment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField()),
                        ("means", models.CharField(blank=True, max_length=40)),
                        ("voucher", models.CharField(blank=True, max_length=80)),
                        (
                            "counterparty",
                            models.CharField(
                                blank=True, help_text="As written: who took or who paid it.", max_length=120
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300)),
                        (
                            "agent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="people.party",
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="payment", to="ledger.event"
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="people.street"
                            ),
                        ),
                        (
                            "tenancy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="places.tenancy",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount_fen__gt", 0)), name="payment_positive")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Share",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "weight",
                            models.CharField(help_text="Exact, as a whole number or a fraction.", max_length=80),
                        ),
                        ("parts_fen", models.JSONField(help_text="Component kind to fen.")),
                        ("amount_fen", models.BigIntegerField()),
                        (
                            "estimated",
                            models.BooleanField(
                                default=False, help_text="A reading behind it was a guess or drawn between others."
                            ),
                        ),
                        (
                            "allocation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="billing.allocation",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "tenancy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="places.tenancy",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Tariff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "sample",
                            models.BooleanField(
                                default=False, help_text="Not a real price list; shown as sample data."
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tariffs", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "name", "from_on"), name="tariff_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TariffComponent",
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
                                choices=[("supply", "供水费"), ("sewage", "污水处理费"), ("other", "其他费用")],
                                max_length=8,
                            ),
                        ),
                        ("yuan_per_m3", models.DecimalField(decimal_places=4, max_digits=10)),
                        ("factor", models.DecimalField(decimal_places=4, default=1, max_digits=6)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "tariff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="components",
                                to="billing.tariff",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "tariff", "kind"), name="tariff_component_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Acknowledgement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField()),
                        ("amount_fen", models.BigIntegerField()),
                        ("voucher", models.CharField(blank=True, max_length=80)),
                        ("note", models.CharField(blank=True, max_length=300)),
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
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acknowledgements",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "source_row",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acknowledgement",
                                to="ledger.sourcerow",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acknowledgements",
                                to="people.street",
                            ),
                        ),
                        (
                            "tenancy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acknowledgements",
                                to="places.tenancy",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "tenancy", "on"], name="acknowledgement_latest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gte", 0)), name="acknowledgement_not_negative"
                            )
                        ],
                    },
                ),
            ]
        ),
        AppendOnlyTables(
            "Acknowledgement", "Allocation", "Bill", "BillComponent", "MethodChoice", "Payment", "Share", app="billing"
        ),
    ]
