"""A plain name for the file of a mediation; the table keeps its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("mediation", "0006_one_word")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("MediationFile", "Dossier"),
                migrations.AlterModelTable("Dossier", "mediation_mediationfile"),
            ]
        )
    ]
