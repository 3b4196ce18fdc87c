from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    """A calendar for each street: first the column, the copies follow."""

    dependencies = [
        ('people', '0001_initial'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='calendarday',
            name='street',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.street'),
        ),
        migrations.AlterField(
            model_name='calendarday',
            name='day',
            field=models.DateField(),
        ),
    ]
