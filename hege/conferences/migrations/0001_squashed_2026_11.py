"""All tables of this package at once, for a database that has none: what its migrations of November 2026 come to."""

import django.db.models.deletion
import hege.kernel.ids
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("conferences", "0001_initial"),
        ("conferences", "0002_append_only"),
        ("conferences", "0003_begins_when_called"),
    ]

    dependencies = [
        ("cases", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="AssistingParty",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assistants",
                                to="conferences.decision",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "decision", "party"), name="assisting_party_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Conference",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        ("round", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("called", "已召集"),
                                    ("held", "已召开"),
                                    ("minuted", "纪要已签"),
                                    ("cancelled", "已取消"),
                                ],
                                default="called",
                                max_length=10,
                            ),
                        ),
                        ("agenda", models.TextField(blank=True)),
                        ("place", models.CharField(blank=True, max_length=120)),
                        ("called_on", models.DateField()),
                        ("meets_on", models.DateField(help_text="The day it is called for.")),
                        ("held_on", models.DateField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, help_text="Why it was cancelled.", max_length=300)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="conferences", to="cases.case"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conferences",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "state", "meets_on"], name="conference_state_day")],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "public_id"), name="conference_public_id_unique"),
                            models.UniqueConstraint(fields=("street", "case", "round"), name="conference_round_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["held", "minuted"]), _negated=True),
                                    ("held_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="conference_held_has_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attendance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invited_at",
                            models.DateTimeField(blank=True, help_text="Empty: came without being invited.", null=True),
                        ),
                        ("attended", models.BooleanField(blank=True, null=True)),
                        ("delegate", models.CharField(blank=True, max_length=60)),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendances",
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
                            "conference",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendance",
                                to="conferences.conference",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "conference", "party"), name="attendance_party_unique"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("measure", models.TextField()),
                        ("due_on", models.DateField()),
                        ("evidence_required", models.CharField(blank=True, max_length=200)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("assigned", "办理中"),
                                    ("reported", "待确认"),
                                    ("done", "已完成"),
                                    ("cancelled", "已取消"),
                                ],
                                default="assigned",
                                max_length=10,
                            ),
                        ),
                        ("evidence", models.TextField(blank=True)),
                        ("document", models.CharField(blank=True, max_length=200)),
                        ("reported_on", models.DateField(blank=True, null=True)),
                        ("done_on", models.DateField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it was cancelled or sent back.", max_length=300
                            ),
                        ),
                        (
                            "assisting",
                            models.ManyToManyField(
                                related_name="assisted_decisions",
                                through="conferences.AssistingParty",
                                to="people.party",
                            ),
                        ),
                        (
                            "conference",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="conferences.conference",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="led_decisions",
                                to="people.party",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
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
                                related_name="decisions",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "state", "due_on"], name="decision_state_due")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "conference", "number"), name="decision_number_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "done"), _negated=True),
                                    models.Q(("done_on__isnull", False), models.Q(("evidence", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="decision_done_is_proven",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Minutes",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField()),
                        ("decisions", models.JSONField()),
                        ("attendance", models.JSONField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("trail_seq", models.PositiveBigIntegerField()),
                        ("trail_head", models.CharField(blank=True, max_length=64)),
                        ("signed_at", models.DateTimeField()),
                        (
                            "conference",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="minutes",
                                to="conferences.conference",
                            ),
                        ),
                        (
                            "signed_by",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
            ]
        ),
        AppendOnlyTables("Minutes", app="conferences"),
    ]
