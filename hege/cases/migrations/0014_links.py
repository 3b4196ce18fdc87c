"""Through which other link of its party a link was used."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_reporter_follows"),
    ]

    operations = [migrations.AddField(
            model_name='tasklink',
            name='used_through',
            field=models.ForeignKey(blank=True, default=None, help_text='By which other link of the same party it was answered.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='others_answered', to='cases.tasklink'),
        )]
