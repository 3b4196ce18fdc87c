"""A plain name for the file of a mediation; the table keeps its own."""

from django.db import migrations

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [("mediation", "0006_one_word")]

    operations = [
        AtOnce(
            renames=[
                migrations.RenameModel("MediationFile", "Dossier"),
                migrations.AlterModelTable("Dossier", "mediation_mediationfile"),
            ]
        )
    ]
