import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0008_once_each'),
        ('members', '0001_first'),
        ('people', '0006_second_person'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted', models.BigIntegerField()),
                ('remaining', models.BigIntegerField()),
                ('expires_on', models.DateField()),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='members.member')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.transaction')),
            ],
        ),
        migrations.CreateModel(
            name='LotUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.BigIntegerField()),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='points.lot')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.transaction')),
            ],
        ),
        migrations.CreateModel(
            name='PointRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recorded_at', models.DateTimeField()),
                ('number', models.PositiveIntegerField()),
                ('from_on', models.DateField()),
                ('per_deed', models.PositiveIntegerField()),
                ('day_cap', models.PositiveIntegerField()),
                ('season_cap', models.PositiveIntegerField()),
                ('life_days', models.PositiveIntegerField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.BigIntegerField(default=0)),
                ('minutes', models.BigIntegerField(default=0)),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='balance', to='members.member')),
                ('minutes_account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('points_account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('points__gte', 0)), name='balance_points_not_negative'), models.CheckConstraint(condition=models.Q(('minutes__gte', 0)), name='balance_minutes_not_negative')],
            },
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('remaining__gt', 0)), fields=['street', 'expires_on', 'member'], name='lot_left_by_day'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('remaining__gt', 0)), fields=['street', 'member', 'expires_on'], name='lot_left_of_member'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.UniqueConstraint(fields=('street', 'member', 'transaction'), name='lot_once_an_entry'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(('granted__gt', 0), ('remaining__gte', 0), ('remaining__lte', models.F('granted'))), name='lot_within_granted'),
        ),
        migrations.AddConstraint(
            model_name='lotuse',
            constraint=models.UniqueConstraint(fields=('street', 'lot', 'transaction'), name='lot_use_once_an_entry'),
        ),
        migrations.AddConstraint(
            model_name='lotuse',
            constraint=models.CheckConstraint(condition=models.Q(('points', 0), _negated=True), name='lot_use_not_nothing'),
        ),
        migrations.AddConstraint(
            model_name='pointrule',
            constraint=models.UniqueConstraint(fields=('street', 'number'), name='point_rule_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='pointrule',
            constraint=models.UniqueConstraint(fields=('street', 'from_on'), name='point_rule_day_unique'),
        ),
        AppendOnlyTables("LotUse", app="points"),
    ]
