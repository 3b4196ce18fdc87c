from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [AppendOnlyTables("SurveyVisit", "TimelineLine", app="cases")]
