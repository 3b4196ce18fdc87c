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
        ("cases", "0001_initial"),
        ("cases", "0002_append_only"),
        ("cases", "0003_more_kinds_of_line"),
        ("cases", "0004_words_of_the_reporter"),
        ("cases", "0005_worst_first"),
        ("cases", "0006_one_word"),
    ]

    dependencies = [
        ("metering", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        ("places", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        ("number", models.CharField(max_length=20)),
                        ("title", models.CharField(max_length=120)),
                        ("summary", models.TextField(blank=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("filed", "已立案"),
                                    ("dispatched", "已派遣"),
                                    ("signed", "已签收"),
                                    ("handling", "处置中"),
                                    ("feedback", "已反馈"),
                                    ("checking", "已核查"),
                                    ("closed", "已结案"),
                                    ("revisited", "已回访"),
                                    ("returned", "已退单"),
                                    ("on_hold", "缓办"),
                                    ("reworked", "返工"),
                                    ("reopened", "重新打开"),
                                ],
                                default="filed",
                                max_length=12,
                            ),
                        ),
                        ("state_at", models.DateTimeField(help_text="Since when it has been in this state.")),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("filed_at", models.DateTimeField()),
                        ("dispatched_on", models.DateField(blank=True, null=True)),
                        ("contact_due_on", models.DateField(blank=True, null=True)),
                        (
                            "due_on",
                            models.DateField(blank=True, help_text="When handling is to be fed back.", null=True),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("satisfied", models.BooleanField(blank=True, help_text="What the re-visit found.", null=True)),
                        (
                            "held_from",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("filed", "已立案"),
                                    ("dispatched", "已派遣"),
                                    ("signed", "已签收"),
                                    ("handling", "处置中"),
                                    ("feedback", "已反馈"),
                                    ("checking", "已核查"),
                                    ("closed", "已结案"),
                                    ("revisited", "已回访"),
                                    ("returned", "已退单"),
                                    ("on_hold", "缓办"),
                                    ("reworked", "返工"),
                                    ("reopened", "重新打开"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("held_on", models.DateField(blank=True, null=True)),
                        (
                            "state_reason",
                            models.CharField(
                                blank=True, help_text="Why it was returned, held, reworked, reopened.", max_length=300
                            ),
                        ),
                        ("bounces", models.PositiveSmallIntegerField(default=0)),
                        ("holds", models.PositiveSmallIntegerField(default=0)),
                        ("reworks", models.PositiveSmallIntegerField(default=0)),
                        ("reopenings", models.PositiveSmallIntegerField(default=0)),
                        (
                            "checked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "place",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="places.place",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["street", "state", "due_on"], name="case_state_due"),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["dispatched", "handling", "returned", "reworked", "signed"])
                                ),
                                fields=["street", "due_on", "id"],
                                name="case_handled_due",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["checking", "feedback", "filed", "reopened"])),
                                fields=["street", "due_on", "id"],
                                name="case_waiting_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "number"), name="case_number_unique"),
                            models.UniqueConstraint(fields=("street", "public_id"), name="case_public_id_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "on_hold"), models.Q(("held_from", ""), _negated=True)),
                                    models.Q(models.Q(("state", "on_hold"), _negated=True), ("held_from", "")),
                                    _connector="OR",
                                ),
                                name="case_hold_knows_where_from",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseParty",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("lead", "牵头单位"),
                                    ("assisting", "配合单位"),
                                    ("utility", "供水企业"),
                                    ("holder", "账户名"),
                                    ("agent", "代收人"),
                                    ("shop", "商铺代表"),
                                    ("handler", "承办人"),
                                    ("checker", "核查人"),
                                    ("mediator", "调解员"),
                                    ("police", "派出所"),
                                    ("lawyer", "律师"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField(blank=True, null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="parties", to="cases.case"
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="case_parts",
                                to="people.party",
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
                            models.UniqueConstraint(
                                fields=("street", "case", "party", "role", "from_on"), name="case_party_start_unique"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("until_on__isnull", True)),
                                fields=("street", "case", "party", "role"),
                                name="case_party_one_open",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("role", "lead"), ("until_on__isnull", True)),
                                fields=("street", "case"),
                                name="case_one_lead",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until_on__isnull", True), ("until_on__gte", models.F("from_on")), _connector="OR"
                                ),
                                name="case_party_period",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NumberSeries",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("series", models.CharField(max_length=20)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("last", models.PositiveIntegerField(default=0)),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "series", "year"), name="number_series_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Report",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("visit", "走访摸排"),
                                    ("patrol", "网格巡查"),
                                    ("warning", "预警"),
                                    ("shop", "商铺上报"),
                                    ("hotline", "12345 热线"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("submitted", "已上报"),
                                    ("verifying", "核实中"),
                                    ("accepted", "已受理"),
                                    ("rejected", "不予受理"),
                                    ("duplicate", "已并案"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="submitted",
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField()),
                        (
                            "reference",
                            models.CharField(
                                blank=True, help_text="The hotline's ticket or the warning's key.", max_length=80
                            ),
                        ),
                        (
                            "finding",
                            models.TextField(
                                blank=True, help_text="What was found on site, or why it was not taken up."
                            ),
                        ),
                        ("submitted_at", models.DateTimeField()),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="cases.case",
                            ),
                        ),
                        (
                            "place",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="places.place",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="people.street"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="places.unit",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["street", "state"], name="report_state"),
                            models.Index(
                                condition=models.Q(("case__isnull", False)),
                                fields=["street", "case"],
                                name="report_of_case",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "public_id"), name="report_public_id_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "accepted"),
                                    models.Q(("case__isnull", False), ("state", "duplicate")),
                                    models.Q(
                                        models.Q(("state__in", ["accepted", "duplicate"]), _negated=True),
                                        ("case__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_case_fits_state",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reporter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=60)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        (
                            "words",
                            models.TextField(
                                blank=True, help_text="What was said in full, where personal numbers in it are hidden."
                            ),
                        ),
                        (
                            "report",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.report"
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
                    name="SurveyVisit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("visited_on", models.DateField()),
                        (
                            "pays_how",
                            models.CharField(
                                choices=[
                                    ("to_agent", "交给代收人"),
                                    ("to_utility", "直接交水司"),
                                    ("in_rent", "含在租金里"),
                                    ("not_paying", "没有交"),
                                    ("unknown", "说不清"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "receipts_held",
                            models.CharField(
                                choices=[("all", "齐全"), ("some", "部分"), ("none", "没有")], max_length=4
                            ),
                        ),
                        (
                            "receipts_fen",
                            models.BigIntegerField(help_text="What the receipts it showed add up to.", null=True),
                        ),
                        ("unpaid_fen", models.BigIntegerField(help_text="What it says it has not paid.", null=True)),
                        ("own_meter", models.BooleanField(null=True)),
                        ("wish", models.CharField(blank=True, max_length=300)),
                        ("note", models.CharField(blank=True, max_length=500)),
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
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="cases.case",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="cases.report",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="people.street"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="places.unit"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "unit", "visited_on"], name="visit_unit_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("receipts_fen__isnull", True), ("receipts_fen__gte", 0), _connector="OR"),
                                    models.Q(("unpaid_fen__isnull", True), ("unpaid_fen__gte", 0), _connector="OR"),
                                ),
                                name="visit_not_negative",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        ("title", models.CharField(max_length=120)),
                        ("text", models.TextField(blank=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "待签收"),
                                    ("signed", "办理中"),
                                    ("done", "已完成"),
                                    ("returned", "已退回"),
                                    ("cancelled", "已取消"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField()),
                        ("dispatched_on", models.DateField()),
                        ("due_on", models.DateField()),
                        ("signed_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("answer", models.TextField(blank=True)),
                        ("document", models.CharField(blank=True, max_length=200)),
                        ("answered_on_behalf", models.CharField(blank=True, max_length=120)),
                        (
                            "reason",
                            models.CharField(blank=True, help_text="Why it was returned or cancelled.", max_length=300),
                        ),
                        ("bounces", models.PositiveSmallIntegerField(default=0)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="cases.case"
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="people.party"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["street", "state", "due_on"], name="task_state_due"),
                            models.Index(fields=["street", "party", "state"], name="task_party"),
                            models.Index(
                                condition=models.Q(("state__in", ["open", "returned", "signed"])),
                                fields=["street", "due_on", "id"],
                                name="task_due",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["open", "returned", "signed"])),
                                fields=["street", "party", "due_on"],
                                name="task_party_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "public_id"), name="task_public_id_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("made_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("opened", models.PositiveIntegerField(default=0)),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "made_by",
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
                        (
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="cases.task"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="task_link_period"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TimelineLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("on_behalf", models.CharField(blank=True, max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("file_case", "立案"),
                                    ("dispatch_case", "派遣"),
                                    ("sign_for_case", "签收"),
                                    ("first_contact", "先行联系"),
                                    ("feedback_case", "处理反馈"),
                                    ("check_case", "核查"),
                                    ("rework_case", "退回返工"),
                                    ("close_case", "结案"),
                                    ("revisit_case", "回访"),
                                    ("reopen_case", "重新打开"),
                                    ("return_case", "退单"),
                                    ("hold_case", "缓办"),
                                    ("resume_case", "恢复办理"),
                                    ("add_party", "加入参与方"),
                                    ("end_party", "参与方退出"),
                                    ("add_task", "交办任务"),
                                    ("sign_task", "任务签收"),
                                    ("answer_task", "任务答复"),
                                    ("return_task", "任务退回"),
                                    ("redirect_task", "任务改派"),
                                    ("cancel_task", "任务取消"),
                                    ("merge_report", "并案"),
                                    ("unmerge_report", "拆分"),
                                    ("add_note", "备注"),
                                    ("record_visit", "走访"),
                                    ("conference", "联席会议"),
                                    ("decision", "议定事项"),
                                    ("fulfil_decision", "议定事项"),
                                    ("open_mediation", "受理调解"),
                                    ("mediation", "调解"),
                                    ("agreement", "协议"),
                                    ("cutoff", "停水程序"),
                                    ("money", "款项"),
                                    ("meter", "水表"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                        ("internal", models.BooleanField(default=False)),
                        ("document", models.CharField(blank=True, max_length=200)),
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="timeline", to="cases.case"
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
                        "indexes": [models.Index(fields=["street", "case", "at"], name="timeline_case_at")],
                    },
                ),
            ]
        ),
        AppendOnlyTables("SurveyVisit", "TimelineLine", app="cases"),
    ]
