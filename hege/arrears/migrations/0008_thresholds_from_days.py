"""Each value of a threshold is a row of its own, from a day on and by a source; what there was holds from the first day there is."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("arrears", "0007_link_ending"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="threshold", name="threshold_kind_unique"),
        migrations.AddField("threshold", "from_on", models.DateField(default=datetime.date(1, 1, 1))),
        migrations.AddField("threshold", "source", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField(
            "threshold",
            "reason",
            models.CharField(blank=True, default="", help_text="Why from a day gone by.", max_length=300),
        ),
        migrations.AddField("threshold", "recorded_at", models.DateTimeField(default=None, null=True)),
    ]
