from django.db import migrations, models


class Migration(migrations.Migration):
    """A conference begins when it is called: no action ever made one that was only proposed."""

    dependencies = [("conferences", "0002_append_only")]

    operations = [
        migrations.AlterField("conference", "called_on", models.DateField()),
        migrations.AlterField("conference", "meets_on", models.DateField(help_text="The day it is called for.")),
        migrations.AlterField(
            "conference",
            "state",
            models.CharField(
                choices=[("called", "已召集"), ("held", "已召开"), ("minuted", "纪要已签"), ("cancelled", "已取消")],
                default="called",
                max_length=10,
            ),
        ),
    ]
