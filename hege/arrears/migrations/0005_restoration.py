from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('arrears', '0004_doubts_and_daily_watch'),
    ]

    operations = [
        migrations.AddField(
            model_name='cutoffnotice',
            name='restore_due_at',
            field=models.DateTimeField(blank=True, help_text='As the last daily run saw it.', null=True),
        ),
        migrations.AlterField(
            model_name='earlywarning',
            name='kind',
            field=models.CharField(choices=[('restore_late', '缴清后没有按时恢复供水'), ('bill_overdue', '账单逾期'), ('paid_but_overdue', '商铺已交而账单逾期'), ('held_too_old', '收了久未交'), ('remitted_ratio', '上缴偏低'), ('payable_growing', '欠费连续增加'), ('deferral_ending', '暂缓快到期'), ('assertion_failed', '余额核对不符'), ('bill_doubted', '账单有疑点'), ('unproven_share_high', '无凭据部分过高'), ('readings_missing', '缺抄表读数'), ('meter_past_life', '水表超过使用年限')], max_length=20),
        ),
    ]
