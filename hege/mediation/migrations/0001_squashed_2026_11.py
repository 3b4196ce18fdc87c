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
        ("mediation", "0001_initial"),
        ("mediation", "0002_append_only"),
        ("mediation", "0003_superseded"),
        ("mediation", "0004_supplements"),
        ("mediation", "0005_printed_then_signed"),
        ("mediation", "0006_one_word"),
    ]

    dependencies = [
        ("cases", "0001_squashed_2026_11"),
        ("metering", "0001_squashed_2026_11"),
        ("people", "0001_squashed_2026_11"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="AgreementPrint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("content", models.JSONField()),
                        ("sha256", models.CharField(max_length=64)),
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prints",
                                to="mediation.mediationfile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "file", "number"), name="print_number_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Agreement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        (
                            "form",
                            models.CharField(choices=[("written", "书面协议"), ("oral", "口头协议")], max_length=8),
                        ),
                        ("effective_on", models.DateField()),
                        ("debt_fen", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("performing", "履行中"),
                                    ("performed", "已履行"),
                                    ("breached", "已违约"),
                                    ("superseded", "已被新协议接替"),
                                ],
                                default="performing",
                                max_length=10,
                            ),
                        ),
                        ("breached_on", models.DateField(blank=True, null=True)),
                        ("performed_on", models.DateField(blank=True, null=True)),
                        (
                            "confirmation",
                            models.CharField(
                                choices=[
                                    ("not_sought", "未申请"),
                                    ("applied", "已申请"),
                                    ("confirmed", "已确认"),
                                    ("rejected", "已驳回"),
                                ],
                                default="not_sought",
                                max_length=12,
                            ),
                        ),
                        ("applied_on", models.DateField(blank=True, null=True)),
                        ("court", models.CharField(blank=True, max_length=80)),
                        ("decided_on", models.DateField(blank=True, null=True)),
                        ("ruling", models.CharField(blank=True, max_length=120)),
                        (
                            "debtor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owed_agreements",
                                to="people.party",
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="people.street",
                            ),
                        ),
                        (
                            "printed",
                            models.ForeignKey(
                                blank=True,
                                help_text="What was signed; none where it was signed before printing was recorded.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="mediation.agreementprint",
                            ),
                        ),
                        (
                            "file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement",
                                to="mediation.mediationfile",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "state"], name="agreement_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "public_id"), name="agreement_public_id_unique"),
                            models.CheckConstraint(
                                condition=models.Q(("debt_fen__gt", 0)), name="agreement_over_a_debt"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "performing")),
                                fields=("street", "point"),
                                name="agreement_one_runs_per_point",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("facts", models.TextField(help_text="The main facts and points at issue.")),
                        (
                            "terms",
                            models.TextField(
                                help_text="What was agreed, manner and term of performance, into which account."
                            ),
                        ),
                        ("statement", models.TextField(blank=True, help_text="The parties' own statement.")),
                        ("sha256", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        (
                            "agreement",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="text",
                                to="mediation.agreement",
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
                    name="MediationFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                        ("number", models.CharField(max_length=20)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("application", "当事人申请"),
                                    ("own_initiative", "主动调解"),
                                    ("referral", "有关部门移送"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("subject", models.CharField(max_length=120)),
                        ("summary", models.TextField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("registered", "已受理"),
                                    ("rights_told", "已告知权利"),
                                    ("investigating", "调查中"),
                                    ("mediating", "调解中"),
                                    ("agreed", "达成协议"),
                                    ("failed", "调解不成"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                default="registered",
                                max_length=14,
                            ),
                        ),
                        ("opened_on", models.DateField()),
                        ("rights_told_on", models.DateField(blank=True, null=True)),
                        ("ended_on", models.DateField(blank=True, null=True)),
                        ("archived_on", models.DateField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it failed, was terminated or withdrawn.", max_length=300
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation_files",
                                to="cases.case",
                            ),
                        ),
                        (
                            "mediator",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation_files",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation_files",
                                to="metering.supplypoint",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation_files",
                                to="people.street",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["street", "state"], name="mediation_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "number"), name="mediation_number_unique"),
                            models.UniqueConstraint(fields=("street", "public_id"), name="mediation_public_id_unique"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MediationDocument",
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
                                    ("application", "申请书或受理登记表"),
                                    ("rights_notice", "当事人权利义务告知书"),
                                    ("identity", "当事人身份证明"),
                                    ("power_of_attorney", "授权委托书"),
                                    ("investigation", "调查记录"),
                                    ("evidence", "证据材料"),
                                    ("record", "调解记录"),
                                    ("agreement", "调解协议书或口头协议登记表"),
                                    ("performance", "履行凭证"),
                                    ("return_visit", "回访记录"),
                                    ("confirmation", "司法确认材料"),
                                    ("statement", "卷宗情况说明"),
                                    ("back_cover", "封底"),
                                ],
                                max_length=18,
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("missing", "待补"), ("present", "已有"), ("not_needed", "不需要")],
                                default="missing",
                                max_length=10,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                        ("happened_on", models.DateField(blank=True, null=True)),
                        (
                            "by",
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="mediation.mediationfile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("street", "file", "kind"), name="mediation_document_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Authorisation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("scope", models.CharField(max_length=200)),
                        ("paper", models.CharField(max_length=120)),
                        ("given_on", models.DateField()),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "agent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
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
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="authorisations",
                                to="mediation.mediationfile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "file", "party", "agent"), name="authorisation_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementDraft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "form",
                            models.CharField(choices=[("written", "书面协议"), ("oral", "口头协议")], max_length=8),
                        ),
                        ("debt_fen", models.BigIntegerField()),
                        ("counted_on", models.DateField(help_text="The day whose debt in the ledger this is about.")),
                        ("ledger_fen", models.BigIntegerField(help_text="What the ledger showed as owed on that day.")),
                        (
                            "difference",
                            models.CharField(blank=True, help_text="Why the debt is not the ledger's.", max_length=300),
                        ),
                        ("facts", models.TextField()),
                        ("terms", models.TextField()),
                        ("statement", models.TextField(blank=True)),
                        ("committee", models.CharField(max_length=120)),
                        (
                            "manner",
                            models.CharField(
                                choices=[("bank", "银行转账"), ("wallet", "手机支付"), ("cash", "现金")], max_length=8
                            ),
                        ),
                        ("payee", models.CharField(max_length=120)),
                        ("bank", models.CharField(max_length=120)),
                        ("account", models.CharField(blank=True, max_length=60)),
                        ("schedule", models.JSONField()),
                        ("saved_at", models.DateTimeField()),
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
                            "debtor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.party"
                            ),
                        ),
                        (
                            "point",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="metering.supplypoint"
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.street"
                            ),
                        ),
                        (
                            "file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draft",
                                to="mediation.mediationfile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("debt_fen__gt", 0)), name="draft_over_a_debt")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MediationParty",
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
                                choices=[("applicant", "申请人"), ("respondent", "被申请人"), ("third", "其他当事人")],
                                max_length=10,
                            ),
                        ),
                        (
                            "about",
                            models.CharField(blank=True, help_text="Sex, ethnicity, age, occupation.", max_length=120),
                        ),
                        ("address", models.CharField(blank=True, max_length=200)),
                        (
                            "identity_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("id_card", "居民身份证"),
                                    ("uscc", "统一社会信用代码"),
                                    ("other", "其他证件或证明"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("identity_number", models.CharField(blank=True, max_length=60)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        ("post", models.CharField(blank=True, max_length=60)),
                        ("representative", models.CharField(blank=True, max_length=60)),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parties",
                                to="mediation.mediationfile",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediations",
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
                            models.UniqueConstraint(fields=("street", "file", "party"), name="mediation_party_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MediationRecord",
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
                                choices=[("investigation", "调查"), ("mediation", "调解"), ("return_visit", "回访")],
                                max_length=14,
                            ),
                        ),
                        ("held_on", models.DateField()),
                        ("present", models.CharField(blank=True, max_length=300)),
                        ("text", models.TextField()),
                        ("satisfied", models.BooleanField(help_text="Return visits only.", null=True)),
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
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="records",
                                to="mediation.mediationfile",
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
                    name="Signature",
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
                                choices=[("party", "当事人"), ("mediator", "调解员"), ("committee", "调委会印章")],
                                max_length=10,
                            ),
                        ),
                        ("signed_on", models.DateField()),
                        (
                            "agent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.party",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="old_signatures",
                                to="mediation.agreement",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.party",
                            ),
                        ),
                        (
                            "printed",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="mediation.agreementprint",
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
                                condition=models.Q(("party__isnull", False)),
                                fields=("street", "agreement", "party"),
                                name="signature_party_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "party"), ("party__isnull", False)),
                                    models.Q(models.Q(("kind", "party"), _negated=True), ("party__isnull", True)),
                                    _connector="OR",
                                ),
                                name="signature_party_is_named",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("party__isnull", False)),
                                fields=("street", "printed", "party"),
                                name="signature_printed_party_unique",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("party__isnull", True)),
                                fields=("street", "printed", "kind"),
                                name="signature_office_unique",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("agreement__isnull", False), ("printed__isnull", True)),
                                    models.Q(("agreement__isnull", True), ("printed__isnull", False)),
                                    _connector="OR",
                                ),
                                name="signature_of_one_paper",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupplementaryPaper",
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
                                    ("application", "申请书或受理登记表"),
                                    ("rights_notice", "当事人权利义务告知书"),
                                    ("identity", "当事人身份证明"),
                                    ("power_of_attorney", "授权委托书"),
                                    ("investigation", "调查记录"),
                                    ("evidence", "证据材料"),
                                    ("record", "调解记录"),
                                    ("agreement", "调解协议书或口头协议登记表"),
                                    ("performance", "履行凭证"),
                                    ("return_visit", "回访记录"),
                                    ("confirmation", "司法确认材料"),
                                    ("statement", "卷宗情况说明"),
                                    ("back_cover", "封底"),
                                ],
                                max_length=18,
                            ),
                        ),
                        ("text", models.TextField()),
                        ("happened_on", models.DateField()),
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
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supplements",
                                to="mediation.mediationfile",
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
                    name="Instalment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("due_on", models.DateField()),
                        ("amount_fen", models.BigIntegerField()),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="instalments",
                                to="mediation.agreement",
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
                                fields=("street", "agreement", "number"), name="instalment_number_unique"
                            ),
                            models.UniqueConstraint(
                                fields=("street", "agreement", "due_on"), name="instalment_day_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="instalment_positive"
                            ),
                        ],
                    },
                ),
            ]
        ),
        AppendOnlyTables(
            "AgreementPrint",
            "AgreementText",
            "Authorisation",
            "Instalment",
            "MediationRecord",
            "Signature",
            "SupplementaryPaper",
            app="mediation",
        ),
    ]
