"""Units of the alliance and what each brings, stations, what is known at the gates of estates."""

import django.db.models.deletion
import hege.kernel.ids
from django.conf import settings
from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_squashed_2026_11'),
        ('people', '0006_second_person'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('places', '0001_squashed_2026_11'),
    ]

    operations = [
        AtOnce([
            migrations.CreateModel(
                name='AllianceUnit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('from_on', models.DateField()),
                    ('until_on', models.DateField(blank=True, null=True)),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('contact', models.CharField(blank=True, max_length=200)),
                    ('ended_reason', models.CharField(blank=True, max_length=300)),
                    ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alliance_units', to='people.party')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='alliance_unit_public_id_unique'), models.UniqueConstraint(fields=('street', 'party', 'from_on'), name='alliance_unit_start_unique'), models.UniqueConstraint(condition=models.Q(('until_on__isnull', True)), fields=('street', 'party'), name='alliance_unit_one_open'), models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gt', models.F('from_on')), _connector='OR'), name='alliance_unit_period')],
                },
            ),
            migrations.CreateModel(
                name='GateFact',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('kind', models.CharField(choices=[('entrance', '从哪个门进'), ('way', '进门怎么走'), ('e_bike_parking', '电动车停哪里'), ('battery_swap', '换电柜'), ('drop_off', '放件、放餐的地方'), ('toilet', '厕所'), ('drinking_water', '喝水、歇脚'), ('caution', '留神')], max_length=16)),
                    ('words', models.CharField(max_length=200)),
                    ('lon_e6', models.IntegerField(blank=True, null=True)),
                    ('lat_e6', models.IntegerField(blank=True, null=True)),
                    ('looked_on', models.DateField()),
                    ('next_look_on', models.DateField()),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_reason', models.CharField(blank=True, max_length=300)),
                    ('looked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gate_facts', to='places.place')),
                    ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.report')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ],
                options={
                    'indexes': [models.Index(fields=['street', 'place'], name='gate_fact_place'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['street', 'next_look_on'], name='gate_fact_next_look')],
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='gate_fact_public_id_unique'), models.CheckConstraint(condition=models.Q(models.Q(('lat_e6__isnull', True), ('lon_e6__isnull', True)), models.Q(('lat_e6__isnull', False), ('lon_e6__isnull', False)), _connector='OR'), name='gate_fact_position_whole'), models.CheckConstraint(condition=models.Q(('next_look_on__gt', models.F('looked_on'))), name='gate_fact_looks_again'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('ended_reason', ''), _negated=True), _connector='OR'), name='gate_fact_ended_for_reason')],
                },
            ),
            migrations.CreateModel(
                name='Offering',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('from_on', models.DateField()),
                    ('until_on', models.DateField(blank=True, null=True)),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('kind', models.CharField(choices=[('venue', '场地'), ('course', '课程'), ('discount', '优惠'), ('money', '资金')], max_length=10)),
                    ('words', models.CharField(max_length=200)),
                    ('amount_fen', models.BigIntegerField(blank=True, null=True)),
                    ('ended_reason', models.CharField(blank=True, max_length=300)),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offerings', to='alliance.allianceunit')),
                ],
                options={
                    'indexes': [models.Index(fields=['street', 'unit'], name='offering_unit')],
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='offering_public_id_unique'), models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gte', models.F('from_on')), _connector='OR'), name='offering_period'), models.CheckConstraint(condition=models.Q(models.Q(('amount_fen__gt', 0), ('kind', 'money')), models.Q(models.Q(('kind', 'money'), _negated=True), ('amount_fen__isnull', True)), _connector='OR'), name='offering_amount_is_money')],
                },
            ),
            migrations.CreateModel(
                name='Station',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                    ('name', models.CharField(max_length=60)),
                    ('address', models.CharField(max_length=200)),
                    ('lon_e6', models.IntegerField(blank=True, null=True)),
                    ('lat_e6', models.IntegerField(blank=True, null=True)),
                    ('facilities', models.JSONField(default=list)),
                    ('hours', models.JSONField(default=dict)),
                    ('opened_at', models.DateTimeField()),
                    ('looked_on', models.DateField()),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('closed_reason', models.CharField(blank=True, max_length=300)),
                    ('looked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='places.place')),
                    ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                    ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='alliance.allianceunit')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('street', 'public_id'), name='station_public_id_unique'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('street', 'name'), name='station_name_unique'), models.CheckConstraint(condition=models.Q(models.Q(('lat_e6__isnull', True), ('lon_e6__isnull', True)), models.Q(('lat_e6__isnull', False), ('lon_e6__isnull', False)), _connector='OR'), name='station_position_whole'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='station_closed_for_reason')],
                },
            ),
        ]),
    ]
