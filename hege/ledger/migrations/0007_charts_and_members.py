"""Books of other charts, and accounts of members: whose an account is, is what a chart says, and no more a list of water's kinds."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from hege.kernel.mutability import AppendOnlyTables
from hege.kernel.schema import AddRule

# SQLite makes the table anew for a rule, and its triggers go with the old one: lifted first, set again after.
SEAL = AppendOnlyTables("Account", app="ledger")
LIFT = SEAL.lifted


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_transactions_and_transfers"), ("members", "0001_first")]

    operations = [
        migrations.AddField("Book", "chart", models.CharField(blank=True, default="", help_text="The name of its chart.", max_length=16)),
        LIFT,
        migrations.AddField(
            "Account",
            "member",
            models.ForeignKey(
                db_index=False, default=None, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="members.member"
            ),
        ),
        migrations.RemoveConstraint("Account", "account_owner_fits_kind"),
        AddRule(
            "Account",
            models.CheckConstraint(
                condition=Q(tenancy__isnull=True, party__isnull=True)
                | Q(tenancy__isnull=True, member__isnull=True)
                | Q(party__isnull=True, member__isnull=True),
                name="account_of_one_owner",
            ),
        ),
        SEAL,
    ]
