"""`hege migrate`: Django's, then keys that carry the street, the site's rights on each table, and the seals of an older release's
streets brought up to date."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.utils.translation import gettext as _

from hege.installation.rights import give_the_site_its_rights
from hege.integrity.actions import seal_anew
from hege.kernel import clock, street_keys
from hege.kernel.migrating import Executor, in_turn
from hege.kernel.schema import check_not_newer
from hege.people.models import Street
from hege.procedures.actions import derive_applications
from hege.search.actions import put_right
from hege.trail.queries import check_keys_at_hand

migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]  # the command has no other place to say which


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        check_not_newer()
        check_keys_at_hand()
        waits = _("另一个 hege migrate 正在升级这个数据库，等它做完。")
        with in_turn(connections[options["database"]], lambda: self.stdout.write(waits)):
            self._migrate(*args, **options)

    def _migrate(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        astray = street_keys.carry(connections[options["database"]])
        if not options["app_label"]:
            self._bring_up_to_date()
        if astray:
            asks = _("以上各行引用了别的街道的数据，其余都已升级。请交给技术支持核对，改正后再运行 hege migrate。")
            raise CommandError("\n".join([*map(_told, astray), asks]))

    def _bring_up_to_date(self) -> None:
        give_the_site_its_rights()
        for street in Street.objects.order_by("code"):
            if seal_anew(street, by=None, at=clock.now()):
                self.stdout.write(
                    _("%(name)s 是早先版本建的：已按新的办法重新封存，并记在留痕上。") % {"name": street.name}
                )
            if count := derive_applications(street, by=None, at=clock.now()):
                said = _("%(name)s：早先登记的付款已按法定顺序补推抵了哪笔债，共 %(n)d 行，都标明是补推的。")
                self.stdout.write(said % {"name": street.name, "n": count})
            put_right(street)


def _told(astray: street_keys.Astray) -> str:
    codes = dict(Street.objects.values_list("pk", "code"))
    return _(
        "%(table)s 第 %(row)s 行（街道 %(street)s）：%(column)s 引用 %(parent)s 第 %(parent_row)s 行，那一行属于街道 %(other)s。"
    ) % {
        "table": astray.key.table,
        "row": astray.row,
        "street": codes[astray.street],
        "column": astray.key.column,
        "parent": astray.key.parent,
        "parent_row": astray.parent_row,
        "other": codes[astray.parent_street],
    }
