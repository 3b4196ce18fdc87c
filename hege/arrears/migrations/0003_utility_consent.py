import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):

    dependencies = [
        ('arrears', '0002_append_only'),
        ('mediation', '0003_superseded'),
        ('people', '0002_one_time_password'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UtilityConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until_on', models.DateField(blank=True, null=True)),
                ('said_by', models.CharField(help_text='Who spoke for the utility.', max_length=100)),
                ('said_on', models.DateField()),
                ('document', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('agreement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mediation.agreement')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deferral', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='arrears.deferral')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='arrears.cutoffnotice')),
                ('street', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street')),
            ],
            options={
                'abstract': False,
            },
        ),
        AppendOnlyTables("UtilityConsent", app="arrears"),
    ]
