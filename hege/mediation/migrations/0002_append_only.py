from django.db import migrations

from hege.kernel.mutability import AppendOnlyTables


class Migration(migrations.Migration):
    dependencies = [("mediation", "0001_initial")]

    operations = [AppendOnlyTables("MediationRecord", "AgreementText", "Signature", "Instalment", app="mediation")]
