"""Who follows a case, and to whom of its party a task was handed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_requests"),
        ("people", "0006_second_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='handler',
            field=models.ForeignKey(blank=True, default=None, help_text='To whom of the party it was handed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='CaseFollow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.BooleanField(default=True)),
                ('at', models.DateTimeField(help_text='Since when it is so.')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to='cases.case')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('street', 'case', 'user'), name='case_follow_once')],
            },
        ),
        AtOnce(renames=[migrations.AlterField(
            model_name='timelineline',
            name='kind',
            field=models.CharField(choices=[('file_case', '立案'), ('dispatch_case', '派遣'), ('sign_for_case', '签收'), ('first_contact', '先行联系'), ('feedback_case', '处理反馈'), ('check_case', '核查'), ('rework_case', '退回返工'), ('close_case', '结案'), ('revisit_case', '回访'), ('reopen_case', '重新打开'), ('return_case', '退单'), ('hold_case', '缓办'), ('resume_case', '恢复办理'), ('ask_hold', '申请缓办'), ('refuse_hold', '不同意缓办'), ('ask_void', '申请作废'), ('refuse_void', '不同意作废'), ('void_case', '作废'), ('add_party', '加入参与方'), ('end_party', '参与方退出'), ('add_task', '交办任务'), ('sign_task', '任务签收'), ('answer_task', '任务答复'), ('return_task', '任务退回'), ('redirect_task', '任务改派'), ('cancel_task', '任务取消'), ('urge', '催办'), ('ask_task_due', '申请改期'), ('move_task_due', '任务改期'), ('refuse_task_due', '不同意改期'), ('pass_task', '任务转办'), ('hold_task', '任务缓办'), ('resume_task', '任务恢复办理'), ('merge_report', '并案'), ('unmerge_report', '拆分'), ('add_note', '备注'), ('record_visit', '走访'), ('conference', '联席会议'), ('decision', '议定事项'), ('fulfil_decision', '议定事项'), ('open_mediation', '受理调解'), ('mediation', '调解'), ('agreement', '协议'), ('cutoff', '停水程序'), ('money', '款项'), ('meter', '水表')], max_length=16),
        )])
    ]
