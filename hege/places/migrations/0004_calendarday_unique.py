from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('places', '0003_calendar_of_each_street'),
    ]

    operations = [
        migrations.AlterField(
            model_name='calendarday',
            name='street',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street'),
        ),
        migrations.AddConstraint(
            model_name='calendarday',
            constraint=models.UniqueConstraint(fields=('street', 'day'), name='calendar_day_unique'),
        ),
    ]
