"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("ledger", "0001_initial"),
        ("ledger", "0002_append_only"),
        ("ledger", "0003_particulars"),
        ("ledger", "0004_folded_keys"),
        ("ledger", "0005_chart_handed_in"),
    ]

    dependencies = [
        ("people", "0001_squashed_2026_11"),
        ("places", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Book",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="books", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        (
                            "party",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
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
                            "tenancy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
                                to="places.tenancy",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="ledger.book"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("party__isnull", True), ("tenancy__isnull", True)),
                                fields=("street", "book", "kind"),
                                name="account_plain_unique",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("tenancy__isnull", False)),
                                fields=("street", "book", "kind", "tenancy"),
                                name="account_tenancy_unique",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("party__isnull", False)),
                                fields=("street", "book", "kind", "party"),
                                name="account_party_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ["tenancy", "late_fee_tenancy"]),
                                        ("party__isnull", True),
                                        ("tenancy__isnull", False),
                                    ),
                                    models.Q(
                                        ("kind__in", ["agent", "late_fee_agent", "unidentified"]),
                                        ("party__isnull", False),
                                        ("tenancy__isnull", True),
                                    ),
                                    ("kind__in", ["deposit", "refund_due"]),
                                    models.Q(
                                        (
                                            "kind__in",
                                            [
                                                "payable",
                                                "payable_late_fee",
                                                "payable_costs",
                                                "unshared",
                                                "common",
                                                "loss",
                                                "unexplained",
                                                "late_fee_nobody",
                                            ],
                                        ),
                                        ("party__isnull", True),
                                        ("tenancy__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="account_owner_fits_kind",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=16)),
                        ("effective_on", models.DateField()),
                        ("recorded_at", models.DateTimeField()),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("digest", models.CharField(max_length=64)),
                        ("particulars", models.CharField(blank=True, default="", max_length=64)),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="ledger.book"
                            ),
                        ),
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
                            "depends_on",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dependents",
                                to="ledger.event",
                            ),
                        ),
                        (
                            "reverses",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="ledger.event",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "source_row",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="event",
                                to="ledger.sourcerow",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["street", "book", "kind", "effective_on"], name="event_book_kind")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                                    models.Q(models.Q(("kind", "reversal"), _negated=True), ("reverses__isnull", True)),
                                    _connector="OR",
                                ),
                                name="event_reversal_names_its_event",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField()),
                        ("effective_on", models.DateField()),
                        (
                            "book",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "credit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credits",
                                to="ledger.account",
                            ),
                        ),
                        (
                            "debit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="debits",
                                to="ledger.account",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="ledger.event"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["debit", "effective_on", "amount_fen", "credit", "event"],
                                name="entry_debit_covering",
                            ),
                            models.Index(
                                fields=["credit", "effective_on", "amount_fen", "debit", "event"],
                                name="entry_credit_covering",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount_fen__gt", 0)), name="entry_positive"),
                            models.CheckConstraint(
                                condition=models.Q(("debit", models.F("credit")), _negated=True),
                                name="entry_two_accounts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpenClaim",
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
                                choices=[("confirmed", "已证实"), ("claimed", "单方主张"), ("contested", "有争议")],
                                max_length=10,
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_claims",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_claim",
                                to="ledger.event",
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
                    name="SourceFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        ("name", models.CharField(max_length=200)),
                        ("sha256", models.CharField(max_length=64)),
                        ("content", models.BinaryField()),
                        ("row_count", models.PositiveIntegerField()),
                        ("booked_count", models.PositiveIntegerField()),
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
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="source_files",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "kind", "sha256"), name="source_file_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SourceRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=120)),
                        ("digest", models.CharField(max_length=64)),
                        ("raw", models.JSONField()),
                        ("row_number", models.PositiveIntegerField(null=True)),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="ledger.sourcefile",
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
                            models.UniqueConstraint(fields=("street", "source", "key"), name="source_row_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FoldedKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=240)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "row",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="folded_key",
                                to="ledger.sourcerow",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "source", "key"], name="folded_key")],
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("payer", "付款方"), ("payee", "收款方"), ("third", "第三方")], max_length=6
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("utility_record", "水司记录"),
                                    ("bank_line", "银行流水"),
                                    ("wallet_line", "微信/支付宝流水"),
                                    ("signed_receipt", "签字收据"),
                                    ("oral_word", "口述"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("supports", models.BooleanField()),
                        ("document", models.CharField(blank=True, max_length=200)),
                        ("stated_on", models.DateField()),
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
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="ledger.event"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "source_row",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="ledger.sourcerow",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("source_row__isnull", False)),
                                fields=("street", "source_row"),
                                name="evidence_source_row_unique",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BalanceAssertion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("account_kind", models.CharField(max_length=20)),
                        ("on", models.DateField()),
                        ("amount_fen", models.BigIntegerField()),
                        ("document", models.CharField(blank=True, max_length=200)),
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
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assertions",
                                to="people.street",
                            ),
                        ),
                        (
                            "tenancy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="places.tenancy",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="assertions", to="ledger.book"
                            ),
                        ),
                        (
                            "source_row",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assertion",
                                to="ledger.sourcerow",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
            ]
        ),
        AppendOnlyTables(
            "Account", "BalanceAssertion", "Entry", "Event", "Evidence", "SourceFile", "SourceRow", app="ledger"
        ),
    ]
