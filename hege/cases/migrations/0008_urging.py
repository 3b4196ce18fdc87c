"""Who was urged, by whom and with what words; one more word for a line of the timeline."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_by_the_public"),
        ("people", "0006_second_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="Urging",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("on", models.DateField()),
                        ("words", models.CharField(blank=True, max_length=200)),
                        ("told", models.PositiveSmallIntegerField()),
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
                                on_delete=django.db.models.deletion.PROTECT, related_name="urgings", to="cases.case"
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
                            "task",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="urgings",
                                to="cases.task",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("street", "task", "by", "on"), name="urging_of_task_once_a_day"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("task__isnull", True)),
                                fields=("street", "case", "by", "on"),
                                name="urging_of_case_once_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("told__gt", 0), models.Q(("words", ""), _negated=True), _connector="OR"
                                ),
                                name="urging_arrives",
                            ),
                        ],
                    },
                ),
            ],
            renames=[
                migrations.AlterField(
                    model_name="timelineline",
                    name="kind",
                    field=models.CharField(
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
                            ("urge", "催办"),
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
            ],
        ),
        AppendOnlyTables("Urging", app="cases"),
    ]
