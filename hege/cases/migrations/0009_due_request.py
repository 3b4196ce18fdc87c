"""Requests for another due day of a task; three more words for a line of the timeline."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_urging"),
        ("people", "0006_second_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce(
            [
                migrations.CreateModel(
                    name="DueRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("was_due_on", models.DateField()),
                        ("due_on", models.DateField(help_text="The day that is asked for.")),
                        ("reason", models.CharField(max_length=300)),
                        ("asked_at", models.DateTimeField()),
                        ("on_behalf", models.CharField(blank=True, max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[("waiting", "待审批"), ("agreed", "已同意"), ("refused", "未同意")],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("decision", models.CharField(blank=True, max_length=300)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
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
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="due_requests",
                                to="cases.task",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "waiting")),
                                fields=("street", "task"),
                                name="due_request_one_waits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "waiting"), ("decided_at__isnull", True)),
                                    models.Q(
                                        models.Q(("state", "waiting"), _negated=True), ("decided_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="due_request_decided",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "agreed"), _negated=True),
                                    ("due_on__lt", models.F("was_due_on")),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        models.Q(
                                            ("asked_by__isnull", True),
                                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="due_request_later_by_another",
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
                            ("ask_task_due", "申请改期"),
                            ("move_task_due", "任务改期"),
                            ("refuse_task_due", "不同意改期"),
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
    ]
