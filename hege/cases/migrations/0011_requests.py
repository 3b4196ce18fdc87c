"""Requests of three kinds in the table of due requests, of a task or a case; holds that end on a day; voided cases.

Columns of tables of few rows, each with a constant default or none; new words for kinds and states touch no table.
"""

import django.db.models.deletion
from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_said"),
    ]

    operations = [
        migrations.AlterModelTable(name="duerequest", table="cases_duerequest"),
        migrations.RenameModel(old_name="DueRequest", new_name="CaseRequest"),
        migrations.RemoveConstraint(model_name="caserequest", name="due_request_later_by_another"),
        migrations.AddField(
            model_name='case',
            name='held_until',
            field=models.DateField(blank=True, default=None, help_text='The day on which it goes on by itself.', null=True),
        ),
        migrations.AddField(
            model_name='caserequest',
            name='case',
            field=models.ForeignKey(blank=True, default=None, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='cases.case'),
        ),
        migrations.AddField(
            model_name='caserequest',
            name='kind',
            field=models.CharField(choices=[('due', '改期'), ('hold', '缓办'), ('void', '作废')], default='due', max_length=4),
        ),
        migrations.AddField(
            model_name='caserequest',
            name='until_on',
            field=models.DateField(blank=True, default=None, help_text='The day on which what hangs is to go on.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='held_on',
            field=models.DateField(blank=True, default=None, help_text='Since when its clock stands still.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='held_until',
            field=models.DateField(blank=True, default=None, help_text='The day on which it goes on by itself.', null=True),
        ),
        migrations.AlterField(
            model_name='caserequest',
            name='due_on',
            field=models.DateField(blank=True, help_text='The due day that is asked for.', null=True),
        ),
        migrations.AlterField(
            model_name='caserequest',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='cases.task'),
        ),
        migrations.AlterField(
            model_name='caserequest',
            name='was_due_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='caserequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('street', 'case'), name='case_request_one_waits'),
        ),
        migrations.AddConstraint(
            model_name='caserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('due_on__isnull', False), ('kind', 'due'), ('task__isnull', False), ('until_on__isnull', True), ('was_due_on__isnull', False)), models.Q(('due_on__isnull', True), ('kind', 'hold'), ('until_on__isnull', False), ('was_due_on__isnull', True), models.Q(models.Q(('case__isnull', False), ('task__isnull', True)), models.Q(('case__isnull', True), ('task__isnull', False)), _connector='OR')), models.Q(('case__isnull', False), ('due_on__isnull', True), ('kind', 'void'), ('task__isnull', True), ('until_on__isnull', True), ('was_due_on__isnull', True)), _connector='OR'), name='case_request_says_what'),
        ),
        migrations.AddConstraint(
            model_name='caserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'agreed'), _negated=True), models.Q(('due_on__lt', models.F('was_due_on')), ('kind', 'due')), models.Q(('decided_by__isnull', False), models.Q(('asked_by__isnull', True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR')), _connector='OR'), name='case_request_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held_on__isnull', True), ('held_until__isnull', True)), models.Q(('held_on__isnull', False), ('held_until__gt', models.F('held_on'))), _connector='OR'), name='task_held_until_later'),
        ),
        AtOnce(renames=[migrations.AlterField(
            model_name='case',
            name='held_from',
            field=models.CharField(blank=True, choices=[('filed', '已立案'), ('dispatched', '已派遣'), ('signed', '已签收'), ('handling', '处置中'), ('feedback', '已反馈'), ('checking', '已核查'), ('closed', '已结案'), ('revisited', '已回访'), ('returned', '已退单'), ('on_hold', '缓办'), ('reworked', '返工'), ('reopened', '重新打开'), ('voided', '已作废')], max_length=12),
        ),
migrations.AlterField(
            model_name='case',
            name='state',
            field=models.CharField(choices=[('filed', '已立案'), ('dispatched', '已派遣'), ('signed', '已签收'), ('handling', '处置中'), ('feedback', '已反馈'), ('checking', '已核查'), ('closed', '已结案'), ('revisited', '已回访'), ('returned', '已退单'), ('on_hold', '缓办'), ('reworked', '返工'), ('reopened', '重新打开'), ('voided', '已作废')], default='filed', max_length=12),
        ),
migrations.AlterField(
            model_name='timelineline',
            name='kind',
            field=models.CharField(choices=[('file_case', '立案'), ('dispatch_case', '派遣'), ('sign_for_case', '签收'), ('first_contact', '先行联系'), ('feedback_case', '处理反馈'), ('check_case', '核查'), ('rework_case', '退回返工'), ('close_case', '结案'), ('revisit_case', '回访'), ('reopen_case', '重新打开'), ('return_case', '退单'), ('hold_case', '缓办'), ('resume_case', '恢复办理'), ('ask_hold', '申请缓办'), ('refuse_hold', '不同意缓办'), ('ask_void', '申请作废'), ('refuse_void', '不同意作废'), ('void_case', '作废'), ('add_party', '加入参与方'), ('end_party', '参与方退出'), ('add_task', '交办任务'), ('sign_task', '任务签收'), ('answer_task', '任务答复'), ('return_task', '任务退回'), ('redirect_task', '任务改派'), ('cancel_task', '任务取消'), ('urge', '催办'), ('ask_task_due', '申请改期'), ('move_task_due', '任务改期'), ('refuse_task_due', '不同意改期'), ('hold_task', '任务缓办'), ('resume_task', '任务恢复办理'), ('merge_report', '并案'), ('unmerge_report', '拆分'), ('add_note', '备注'), ('record_visit', '走访'), ('conference', '联席会议'), ('decision', '议定事项'), ('fulfil_decision', '议定事项'), ('open_mediation', '受理调解'), ('mediation', '调解'), ('agreement', '协议'), ('cutoff', '停水程序'), ('money', '款项'), ('meter', '水表')], max_length=16),
        )])
    ]
