from django.db import migrations

from hege.kernel.mutability import append_only_operation


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [append_only_operation("SurveyVisit", "TimelineLine", app="cases")]
