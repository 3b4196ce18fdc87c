import django.db.models.deletion
import hege.kernel.ids
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0007_by_the_public'),
        ('ledger', '0008_once_each'),
        ('members', '0001_first'),
        ('people', '0006_second_person'),
        ('seasons', '0002_who_and_where'),
    ]

    operations = [
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week_on', models.DateField()),
                ('looked_at', models.DateTimeField()),
                ('number', models.PositiveIntegerField(null=True)),
                ('members', models.PositiveIntegerField(default=0)),
                ('given', models.PositiveIntegerField(default=0)),
                ('taken_back', models.PositiveIntegerField(default=0)),
                ('entry', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.transaction')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
        ),
        migrations.CreateModel(
            name='Deed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=hege.kernel.ids.public_id, max_length=12)),
                ('reported_on', models.DateField()),
                ('points', models.PositiveIntegerField(default=0)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member')),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.report')),
                ('season', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='seasons.season')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
                ('posted_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deeds.round')),
                ('taken_back_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deeds.round')),
            ],
        ),
        migrations.CreateModel(
            name='DeedPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('deed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deeds.deed')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('street', 'sha256'), name='deed_picture_unique')],
            },
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(fields=('street', 'week_on'), name='round_once_a_week'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(condition=models.Q(('number__isnull', False)), fields=('street', 'number'), name='round_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', True), ('members', 0), ('number__isnull', True)), models.Q(('entry__isnull', False), ('members__gte', 3), ('number__isnull', False)), _connector='OR'), name='round_of_three_or_none'),
        ),
        migrations.AddIndex(
            model_name='deed',
            index=models.Index(fields=['street', 'member', 'reported_on'], name='deed_of_member'),
        ),
        migrations.AddIndex(
            model_name='deed',
            index=models.Index(condition=models.Q(('posted_in__isnull', True)), fields=['street', 'id'], name='deed_waits'),
        ),
        migrations.AddConstraint(
            model_name='deed',
            constraint=models.UniqueConstraint(fields=('street', 'public_id'), name='deed_public_id_unique'),
        ),
        migrations.AddConstraint(
            model_name='deed',
            constraint=models.CheckConstraint(condition=models.Q(('posted_in__isnull', False), models.Q(('points', 0), ('taken_back_in__isnull', True)), _connector='OR'), name='deed_points_come_in_a_round'),
        ),
        AppendOnlyTables("DeedPicture", app="deeds"),
    ]
