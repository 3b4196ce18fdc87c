"""Personal numbers in the text of reports go to the reporter's own table."""

from django.db import migrations, models

from hege.kernel.personal import hide
from hege.kernel.schema import Backfill


def move(apps, schema_editor):
    reports, reporters = apps.get_model("cases", "Report"), apps.get_model("cases", "Reporter")
    for report in reports.objects.only("pk", "street_id", "text").iterator(2000):
        shown = hide(report.text)
        if shown != report.text:
            reporters.objects.update_or_create(
                report_id=report.pk, defaults={"street_id": report.street_id, "words": report.text}
            )
            reports.objects.filter(pk=report.pk).update(text=shown)


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_more_kinds_of_line")]

    operations = [
        migrations.AddField(
            "reporter",
            "words",
            models.TextField(
                blank=True, default="", help_text="What was said in full, where personal numbers in it are hidden."
            ),
            preserve_default=False,
        ),
        Backfill(move),
    ]
