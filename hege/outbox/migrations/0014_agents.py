"""Words for two more events: an agent says something of the money, and is answered."""

from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0013_links"),
    ]

    operations = [AtOnce(renames=[migrations.AlterField(
            model_name='message',
            name='event',
            field=models.CharField(choices=[('task_given', '有任务交办，请签收'), ('task_half', '任务时间已过半'), ('task_due', '任务快到期'), ('task_overdue', '任务已逾期'), ('task_answered', '任务有答复了，请核实'), ('task_returned', '任务退回来了，请改派'), ('link_ending', '给外单位的链接快到期，还没有答复'), ('agent_said', '代收人说了一笔，请看'), ('agent_answered', '您说的一笔有答复了'), ('passed_on', '同事把一项任务转给您办'), ('passed_away', '您手里的任务转给了同事'), ('followed', '您关注的案件有新进展'), ('urged', '有人催办，请尽快办理'), ('asked_to_look', '有人在案件里请您看一下'), ('due_asked', '有人申请改期，请审批'), ('due_decided', '改期申请有答复了'), ('hold_asked', '有人申请缓办，请审批'), ('hold_decided', '缓办申请有答复了'), ('hold_over', '缓办到期，时限接着走'), ('void_asked', '有人申请作废案件，请审批'), ('void_decided', '作废申请有答复了'), ('deferral_ending', '暂缓停水快到期'), ('condition_broken', '暂缓停水已失效'), ('warning_new', '有新预警'), ('commitment_due', '议定事项快到期'), ('instalment_due', '协议分期快到期'), ('progress', '您反映的事有进展'), ('honour_expiring', '荣誉快到期，请核对是否续期'), ('honour_shown', '荣誉公示期满，请办理上榜'), ('objection_waiting', '有异议等待处理'), ('station_to_look_at', '驿站很久没人看过，请去看'), ('gate_to_look_at', '门口图到了再看的日子，请去看'), ('password_expiring', '一次性密码快失效'), ('join_code', '验证码'), ('place_confirmed', '报名成功'), ('place_offered', '候补到您了，请在期限前确认'), ('activity_soon', '活动快开始了'), ('activity_changed', '活动改了时间或地点'), ('activity_cancelled', '活动取消了'), ('voucher_expiring', '能量券快到期'), ('vouchers_closed', '能量券停用了'), ('voucher_given_back', '核销撤回，券还给您了'), ('points_posted', '积分入账了'), ('points_expiring', '积分快过期'), ('thanks_shown', '给您的一份致谢开始公示，请看看写得对不对'), ('thanked', '您收到一份致谢'), ('appointed', '聘书好了')], max_length=20),
        )])]
