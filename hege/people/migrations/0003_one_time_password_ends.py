"""A one-time password ends after a day: those that are out now begin to count today."""

from django.db import migrations, models
from django.utils import timezone

from hege.kernel.schema import Backfill


def begin(apps, schema_editor):
    waiting = apps.get_model("people", "User").objects.filter(must_change_password=True)
    waiting.update(password_given_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("people", "0002_one_time_password")]

    operations = [
        migrations.AddField("user", "password_given_at", models.DateTimeField(blank=True, null=True)),
        Backfill(begin),
    ]
