"""A word for one more threshold: how many days before its end an outsider's link is told of."""

from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("arrears", "0006_one_word"),
    ]

    operations = [AtOnce(renames=[migrations.AlterField(
            model_name='threshold',
            name='kind',
            field=models.CharField(choices=[('overdue_working_days', '账单到期后满几个工作日算逾期'), ('held_days', '代收款压了多少天算久未交'), ('remitted_percent', '解缴不足收款的百分之几算偏低'), ('growing_periods', '欠费连续增加几期'), ('paid_percent', '商铺已交超过应交的百分之几'), ('unproven_percent', '无证据部分超过逾期欠费的百分之几'), ('reading_days', '分表多少天没有读数'), ('life_years_to_dn25', '口径 25 毫米及以下水表的使用年限'), ('life_years_to_dn50', '口径 32 至 50 毫米水表的使用年限'), ('demand_term_days', '催缴后的合理期限（天）'), ('notice_hours', '停水前书面通知（小时）'), ('deferral_warning_days', '暂缓到期前几个工作日提醒'), ('restore_hours', '缴清后恢复供水的时限（小时）'), ('meter_error_percent', '使用中水表的允许误差（百分之几）'), ('unusual_times', '账单达到平常的几倍算可疑'), ('doubt_days', '账单疑点在账期结束后提醒多少天'), ('link_ending_days', '给外单位的链接到期前几天提醒')], max_length=24),
        )])]
