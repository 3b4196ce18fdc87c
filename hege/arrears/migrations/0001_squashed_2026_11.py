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
        ("arrears", "0001_initial"),
        ("arrears", "0002_append_only"),
        ("arrears", "0003_utility_consent"),
        ("arrears", "0004_doubts_and_daily_watch"),
        ("arrears", "0005_restoration"),
        ("arrears", "0006_one_word"),
    ]

    dependencies = [
        ("cases", "0001_squashed_2026_11"),
        ("mediation", "0001_squashed_2026_11"),
        ("metering", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="CutoffNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("demanded", "已催缴"),
                                    ("noticed", "已书面通知"),
                                    ("deferred", "暂缓停水"),
                                    ("cut", "已停水"),
                                    ("restored", "已恢复供水"),
                                    ("cleared", "已结清"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="demanded",
                                max_length=10,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("opened_on", models.DateField()),
                        ("affected", models.JSONField(default=list)),
                        ("served_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "served_how",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("in_person", "当面签收"),
                                    ("registered_mail", "挂号信/特快专递"),
                                    ("posted", "现场张贴并拍照"),
                                    ("message", "短信/微信留存"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("served_proof", models.CharField(blank=True, max_length=200)),
                        (
                            "filing",
                            models.CharField(blank=True, help_text="The regulator's filing note.", max_length=200),
                        ),
                        ("not_before_at", models.DateTimeField(blank=True, null=True)),
                        ("cut_at", models.DateTimeField(blank=True, null=True)),
                        ("restored_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_reason", models.CharField(blank=True, max_length=300)),
                        (
                            "restore_due_at",
                            models.DateTimeField(blank=True, help_text="As the last daily run saw it.", null=True),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cutoff_notices",
                                to="cases.case",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cutoff_notices",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cutoff_notices",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["demanded", "noticed", "deferred", "cut"])),
                                fields=("street", "point"),
                                name="cutoff_one_running",
                            ),
                            models.UniqueConstraint(fields=("street", "public_id"), name="cutoff_public_id_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["demanded", "cleared", "withdrawn"]),
                                    ("not_before_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="cutoff_noticed_before_cut",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DailyWatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kept_on", models.DateField(blank=True, null=True)),
                        ("kept_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lease_until",
                            models.DateTimeField(
                                blank=True,
                                help_text="Not done by then, the run was cut off and anybody may take it over.",
                                null=True,
                            ),
                        ),
                        (
                            "street",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="daily_watch",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Deferral",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "暂缓中"),
                                    ("lapsed", "已失效"),
                                    ("renewed", "已续期"),
                                    ("cleared", "已解除"),
                                ],
                                default="running",
                                max_length=8,
                            ),
                        ),
                        ("from_on", models.DateField()),
                        ("until_on", models.DateField()),
                        ("renewals", models.PositiveSmallIntegerField(default=0)),
                        (
                            "decision",
                            models.CharField(
                                blank=True, help_text="Which conference or agreement decided it.", max_length=300
                            ),
                        ),
                        ("lapsed_on", models.DateField(blank=True, null=True)),
                        (
                            "lapse_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("expired", "暂缓到期"),
                                    ("condition_broken", "条件到期未达成"),
                                    ("agreement_breached", "调解协议违约"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deferrals",
                                to="mediation.agreement",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deferrals",
                                to="arrears.cutoffnotice",
                            ),
                        ),
                        (
                            "renews",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="renewed_by",
                                to="arrears.deferral",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deferrals",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("street", "notice"),
                                name="deferral_one_running",
                            ),
                            models.UniqueConstraint(fields=("street", "public_id"), name="deferral_public_id_unique"),
                            models.CheckConstraint(
                                condition=models.Q(("until_on__gt", models.F("from_on"))), name="deferral_period"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DeferralCondition",
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
                                choices=[
                                    ("remit_at_least", "期限前向水司至少缴纳"),
                                    ("payable_at_most", "到期日欠水司不超过"),
                                    ("other", "其他条件"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("fen", models.BigIntegerField(blank=True, null=True)),
                        ("text", models.CharField(blank=True, max_length=300)),
                        ("due_on", models.DateField()),
                        ("fulfilled_on", models.DateField(blank=True, null=True)),
                        (
                            "fulfilled_at",
                            models.DateTimeField(blank=True, help_text="When it was recorded.", null=True),
                        ),
                        ("evidence", models.CharField(blank=True, max_length=300)),
                        (
                            "deferral",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conditions",
                                to="arrears.deferral",
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("fen__isnull", True), ("kind", "other")),
                                    models.Q(models.Q(("kind", "other"), _negated=True), ("fen__isnull", False)),
                                    _connector="OR",
                                ),
                                name="condition_fen_fits_kind",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Demand",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("overdue_fen", models.BigIntegerField()),
                        (
                            "how",
                            models.CharField(
                                choices=[
                                    ("in_person", "当面签收"),
                                    ("registered_mail", "挂号信/特快专递"),
                                    ("posted", "现场张贴并拍照"),
                                    ("message", "短信/微信留存"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("proof", models.CharField(max_length=200)),
                        ("delivered_on", models.DateField()),
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
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="arrears.cutoffnotice",
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
                    name="EarlyWarning",
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
                                    ("restore_late", "缴清后没有按时恢复供水"),
                                    ("bill_overdue", "账单逾期"),
                                    ("paid_but_overdue", "商铺已交而账单逾期"),
                                    ("held_too_old", "收了久未交"),
                                    ("remitted_ratio", "解缴偏低"),
                                    ("payable_growing", "欠费连续增加"),
                                    ("deferral_ending", "暂缓快到期"),
                                    ("assertion_failed", "余额核对不符"),
                                    ("bill_doubted", "账单有疑点"),
                                    ("unproven_share_high", "无证据部分过高"),
                                    ("readings_missing", "缺抄表读数"),
                                    ("meter_past_life", "水表超过使用年限"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("state_key", models.CharField(max_length=120)),
                        ("since", models.DateField(help_text="The first day it was so.")),
                        ("figures", models.JSONField()),
                        ("evidence", models.JSONField()),
                        ("fired_on", models.DateField()),
                        (
                            "seen_on",
                            models.DateField(
                                help_text="The last day a run saw it; figures and evidence are of that day."
                            ),
                        ),
                        (
                            "ended_on",
                            models.DateField(blank=True, help_text="The first day a run no longer saw it.", null=True),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "待处理"), ("acknowledged", "已知悉"), ("reported", "已转上报")],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                        ("note", models.CharField(blank=True, max_length=300)),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                blank=True,
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
                                related_name="warnings",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "report",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="warning",
                                to="cases.report",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="warnings", to="people.street"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "ended_on", "state"], name="warning_holding")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "point", "kind", "state_key"), name="warning_state_unique"
                            ),
                            models.UniqueConstraint(fields=("street", "public_id"), name="warning_public_id_unique"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Threshold",
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
                                choices=[
                                    ("overdue_working_days", "账单到期后满几个工作日算逾期"),
                                    ("held_days", "代收款压了多少天算久未交"),
                                    ("remitted_percent", "解缴不足收款的百分之几算偏低"),
                                    ("growing_periods", "欠费连续增加几期"),
                                    ("paid_percent", "商铺已交超过应交的百分之几"),
                                    ("unproven_percent", "无证据部分超过逾期欠费的百分之几"),
                                    ("reading_days", "分表多少天没有读数"),
                                    ("life_years_to_dn25", "口径 25 毫米及以下水表的使用年限"),
                                    ("life_years_to_dn50", "口径 32 至 50 毫米水表的使用年限"),
                                    ("demand_term_days", "催缴后的合理期限（天）"),
                                    ("notice_hours", "停水前书面通知（小时）"),
                                    ("deferral_warning_days", "暂缓到期前几个工作日提醒"),
                                    ("restore_hours", "缴清后恢复供水的时限（小时）"),
                                    ("meter_error_percent", "使用中水表的允许误差（百分之几）"),
                                    ("unusual_times", "账单达到平常的几倍算可疑"),
                                    ("doubt_days", "账单疑点在账期结束后提醒多少天"),
                                ],
                                max_length=24,
                            ),
                        ),
                        ("value", models.PositiveIntegerField()),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="thresholds",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "kind"), name="threshold_kind_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UtilityConsent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("until_on", models.DateField(blank=True, null=True)),
                        ("said_by", models.CharField(help_text="Who spoke for the utility.", max_length=100)),
                        ("said_on", models.DateField()),
                        ("document", models.CharField(max_length=200)),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="mediation.agreement",
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
                            "deferral",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="arrears.deferral",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="arrears.cutoffnotice",
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
        AppendOnlyTables("Demand", "UtilityConsent", app="arrears"),
    ]
