import django.db.models.deletion
import hege.kernel.ids
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0008_once_each'),
        ('people', '0006_second_person'),
        ('vouchers', '0002_tills'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SettlementMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('month_on', models.DateField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                ('lines_count', models.PositiveIntegerField()),
                ('total_fen', models.PositiveBigIntegerField()),
                ('paid_fen', models.PositiveBigIntegerField(default=0)),
                ('digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('frozen', '等商户确认'), ('disputed', '有异议'), ('confirmed', '商户确认，待付'), ('paid', '已付')], default='frozen', max_length=10)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settlements', to='vouchers.merchant')),
                ('paid_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('transaction', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settlement', to='ledger.transaction')),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='settlements.settlementmonth')),
            ],
        ),
        migrations.CreateModel(
            name='SettlementPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                ('kind', models.CharField(choices=[('shop', '付商户'), ('unit', '还给单位')], max_length=10)),
                ('amount_fen', models.PositiveBigIntegerField()),
                ('bank_serial', models.CharField(max_length=40)),
                ('paid_on', models.DateField()),
                ('reversed_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.party')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('transaction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='settlement_payment', to='ledger.transaction')),
            ],
        ),
        migrations.CreateModel(
            name='SettlementPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fen', models.PositiveBigIntegerField()),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='settlements.settlement')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='settlements.settlementpayment')),
            ],
        ),
        migrations.CreateModel(
            name='SettlementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('to', models.CharField(choices=[('frozen', '等商户确认'), ('disputed', '有异议'), ('confirmed', '商户确认，待付'), ('paid', '已付')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='settlements.settlement')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('till', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.till')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SettlementLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('used_at', models.DateTimeField()),
                ('fen', models.BigIntegerField()),
                ('conflict', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='vouchers.offlineconflict')),
                ('redemption', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='vouchers.redemption')),
                ('reversal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='vouchers.reversal')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='settlements.settlement')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('conflict__isnull', True), ('fen__gte', 0), ('redemption__isnull', False), ('reversal__isnull', True)), models.Q(('conflict__isnull', True), ('fen__lte', 0), ('redemption__isnull', True), ('reversal__isnull', False)), models.Q(('conflict__isnull', False), ('fen__gte', 0), ('redemption__isnull', True), ('reversal__isnull', True)), _connector='OR'), name='settlement_line_of_one')],
            },
        ),
        migrations.AddConstraint(
            model_name='settlementmonth',
            constraint=models.UniqueConstraint(fields=('street', 'month_on'), name='settlement_month_once'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(fields=['street', 'merchant', 'month'], name='settlement_of_shop'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(fields=('street', 'public_id'), name='settlement_public_id_unique'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(fields=('street', 'month', 'merchant', 'payer'), name='settlement_once'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('lines_count__gt', 0)), name='settlement_of_something'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('paid_fen__lte', models.F('total_fen'))), name='settlement_paid_within_total'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_fen', models.F('total_fen')), ('state', 'paid')), models.Q(('paid_fen__lt', models.F('total_fen')), ('state', 'confirmed')), models.Q(('paid_fen', 0), ('state__in', ['frozen', 'disputed'])), _connector='OR'), name='settlement_paid_once_confirmed'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('total_fen', 0), ('transaction__isnull', True)), models.Q(('total_fen__gt', 0), ('transaction__isnull', False)), _connector='OR'), name='settlement_booked'),
        ),
        migrations.AddConstraint(
            model_name='settlementpayment',
            constraint=models.UniqueConstraint(fields=('street', 'public_id'), name='settlement_payment_public_id_unique'),
        ),
        migrations.AddConstraint(
            model_name='settlementpayment',
            constraint=models.UniqueConstraint(condition=models.Q(('reversed_at__isnull', True)), fields=('street', 'bank_serial'), name='settlement_payment_serial_once'),
        ),
        migrations.AddConstraint(
            model_name='settlementpayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='settlement_payment_positive'),
        ),
        migrations.AddConstraint(
            model_name='settlementpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('reversed_at__isnull', True)), models.Q(('reversed_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='settlement_payment_reversed_for_reason'),
        ),
        migrations.AddConstraint(
            model_name='settlementpart',
            constraint=models.UniqueConstraint(fields=('street', 'payment', 'settlement'), name='settlement_part_unique'),
        ),
        migrations.AddConstraint(
            model_name='settlementpart',
            constraint=models.CheckConstraint(condition=models.Q(('fen__gt', 0)), name='settlement_part_positive'),
        ),
        AppendOnlyTables("SettlementMonth", "SettlementLine", "SettlementStep", "SettlementPart", app="settlements"),
    ]
