from django.db import migrations

from hege.kernel.calendar import is_weekday, statutory_days
from hege.kernel.schema import Backfill

LAW_SOURCE = "国务院《全国年节及纪念日放假办法》"


def give_each_street_its_own(apps, schema_editor):
    """Copy the one calendar to every street, days with a meaning only, and drop the common rows.

    A year that knows its own statutory holidays stays confirmed. One that does not was a guess, confirmed or not: it
    keeps what people marked, gets the holidays the law gives, and waits for its notice.
    """
    CalendarDay, Street = apps.get_model("places", "CalendarDay"), apps.get_model("people", "Street")
    common = list(CalendarDay.objects.filter(street=None).order_by("day"))
    rests = {row.day for row in common if row.kind == "rest"}
    years = {row.day.year for row in common}
    guessed = {
        year for year in years
        if not set(statutory_days(year)) <= rests or any(r.day.year == year and not r.confirmed for r in common)
    }
    copies = []
    for street in Street.objects.all():
        for row in common:
            law = statutory_days(row.day.year)
            marked = (row.kind == "work") != is_weekday(row.day)
            if row.day.year in guessed and row.day in law:
                continue
            if marked or row.name or row.day in law or (row.day.month, row.day.day) == (1, 1):
                copies.append(CalendarDay(street=street, day=row.day, kind=row.kind, name=row.name, source=row.source, confirmed=row.confirmed))
        for year in sorted(guessed):
            for day, name in statutory_days(year).items():
                copies.append(CalendarDay(street=street, day=day, kind="rest", name=name, source=LAW_SOURCE, confirmed=False))
    CalendarDay.objects.filter(street=None).delete()
    CalendarDay.objects.bulk_create(copies, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('places', '0002_calendarday_street'),
    ]

    operations = [
        Backfill(give_each_street_its_own),
    ]
