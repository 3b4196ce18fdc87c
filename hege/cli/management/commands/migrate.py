"""`hege migrate`: Django's, then the site's rights on each table, and the seals of an older release's streets brought up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.utils.translation import gettext as _

from hege.installation.rights import give_the_site_its_rights
from hege.integrity.actions import seal_anew
from hege.kernel import clock
from hege.kernel.migrating import Executor
from hege.kernel.schema import check_not_newer
from hege.people.models import Street
from hege.search.actions import put_right
from hege.trail.queries import check_keys_at_hand

migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]  # the command has no other place to say which


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        check_not_newer()
        check_keys_at_hand()
        super().handle(*args, **options)
        if options["app_label"] or options["plan"] or options["check_unapplied"]:
            return
        give_the_site_its_rights()
        for street in Street.objects.order_by("code"):
            if seal_anew(street, by=None, at=clock.now()):
                self.stdout.write(
                    _("%(name)s 是早先版本建的：已按新的办法重新封存，并记在留痕上。") % {"name": street.name}
                )
            put_right(street)
