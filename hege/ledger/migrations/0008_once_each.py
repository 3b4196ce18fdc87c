"""What there may be once: a book of a chart with a name in a street, an account of a kind of a member, and one of nobody."""

from django.db import migrations, models
from django.db.models import Q

from hege.kernel.schema import AddUniqueConcurrently, ValidateRule


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside the work
    dependencies = [("ledger", "0007_charts_and_members")]

    operations = [
        ValidateRule("Account", "account_of_one_owner"),
        AddUniqueConcurrently(
            "Account",
            models.UniqueConstraint(
                condition=Q(tenancy__isnull=True, party__isnull=True, member__isnull=True),
                fields=("street", "book", "kind"),
                name="account_of_nobody_unique",
            ),
        ),
        AddUniqueConcurrently(
            "Account",
            models.UniqueConstraint(
                condition=Q(member__isnull=False), fields=("street", "member", "kind"), name="account_member_unique"
            ),
        ),
        AddUniqueConcurrently(
            "Book",
            models.UniqueConstraint(condition=~Q(chart=""), fields=("street", "chart"), name="book_of_named_chart_unique"),
        ),
        migrations.RemoveConstraint("Account", "account_plain_unique"),
    ]
