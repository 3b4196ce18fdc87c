"""Batches of vouchers and the shops that take them, what members claim, how a claim ends unused, codes on paper."""

import django.db.models.deletion
import hege.kernel.ids
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_first'),
        ('people', '0006_second_person'),
        ('places', '0001_squashed_2026_11'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name='Merchant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('from_on', models.DateField()),
                    ('until_on', models.DateField(blank=True, null=True)),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('name', models.CharField(max_length=60)),
                    ('address', models.CharField(blank=True, max_length=120)),
                    ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merchants', to='people.party')),
                    ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merchants', to='places.place')),
                    ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hosted_merchants', to='people.party')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='merchant_public_id_unique'), models.UniqueConstraint(condition=models.Q(('until_on__isnull', True)), fields=('street', 'name'), name='merchant_name_unique'), models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gt', models.F('from_on')), _connector='OR'), name='merchant_period')],
                },
            ),
            migrations.CreateModel(
                name='Batch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('title', models.CharField(max_length=30)),
                    ('words', models.CharField(blank=True, max_length=300)),
                    ('kind', models.CharField(choices=[('free', '免费'), ('amount', '减金额'), ('percent', '打折')], max_length=8)),
                    ('value_fen', models.PositiveBigIntegerField(default=0)),
                    ('percent', models.PositiveSmallIntegerField(default=0)),
                    ('cost_fen', models.PositiveBigIntegerField(default=0)),
                    ('stock', models.PositiveIntegerField()),
                    ('claimed', models.PositiveIntegerField(default=0)),
                    ('budget_fen', models.PositiveBigIntegerField(default=0)),
                    ('committed_fen', models.PositiveBigIntegerField(default=0)),
                    ('per_member', models.PositiveIntegerField(default=1)),
                    ('point_price', models.PositiveIntegerField(default=0)),
                    ('releases_at', models.DateTimeField()),
                    ('claim_until_at', models.DateTimeField()),
                    ('use_from_on', models.DateField()),
                    ('use_until_on', models.DateField()),
                    ('weekdays', models.JSONField(default=list, help_text='0 to 6, Monday first.')),
                    ('hours', models.JSONField(default=list, help_text='Pairs of minutes of the day; none: all day.')),
                    ('state', models.CharField(choices=[('draft', '待批准'), ('approved', '发放中'), ('closed', '已结束')], default='draft', max_length=10)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('made_at', models.DateTimeField()),
                    ('approved_at', models.DateTimeField(null=True)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('closed_reason', models.CharField(blank=True, max_length=300)),
                    ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voucher_batches', to='people.party')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'indexes': [models.Index(fields=['street', 'state', 'use_until_on'], name='batch_state')],
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='batch_public_id_unique'), models.CheckConstraint(condition=models.Q(('claimed__gte', 0), ('claimed__lte', models.F('stock'))), name='batch_claimed_within_stock'), models.CheckConstraint(condition=models.Q(('committed_fen__gte', 0), ('committed_fen__lte', models.F('budget_fen'))), name='batch_committed_within_budget'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('made_by__isnull', True), models.Q(('approved_by', models.F('made_by')), _negated=True), _connector='OR'), name='batch_approved_by_another'), models.CheckConstraint(condition=models.Q(('claim_until_at__gt', models.F('releases_at')), ('use_until_on__gt', models.F('use_from_on'))), name='batch_periods')],
                },
            ),
            migrations.CreateModel(
                name='BatchMerchant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shops', to='vouchers.batch')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                    ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='vouchers.merchant')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('street', 'batch', 'merchant'), name='batch_merchant_unique')],
                },
            ),
            migrations.CreateModel(
                name='Claim',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('seq', models.PositiveIntegerField()),
                    ('number', models.CharField(max_length=8)),
                    ('secret', models.TextField()),
                    ('at', models.DateTimeField()),
                    ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='vouchers.batch')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='members.member')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'indexes': [models.Index(fields=['street', 'member', 'id'], name='claim_member')],
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='claim_public_id_unique'), models.UniqueConstraint(fields=('street', 'number'), name='claim_number_unique'), models.UniqueConstraint(fields=('street', 'batch', 'member', 'seq'), name='claim_once')],
                },
            ),
            migrations.CreateModel(
                name='ClaimEnd',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('expired', '过期'), ('withdrawn', '收回'), ('closed', '批次结束')], max_length=10)),
                    ('at', models.DateTimeField()),
                    ('claim', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='end', to='vouchers.claim')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='PaperCode',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('made_at', models.DateTimeField()),
                    ('used_at', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='vouchers.claim')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('street', 'claim'), name='paper_code_unique')],
                },
            ),
        ]),
        AppendOnlyTables("Claim", "ClaimEnd", app="vouchers"),
    ]
