"""Every kind of file, and which one a sheet's headings speak of. A new kind is a module here and a line in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hege.imports.cells import Cell, visible
from hege.imports.kind import Kind
from hege.imports.kinds.bills import Bills
from hege.imports.kinds.lines import BankLines, UtilityLines, WalletLines
from hege.imports.kinds.meters import Meters
from hege.imports.kinds.payments import DirectPayments, Receipts, Remittances
from hege.imports.kinds.readings import Readings
from hege.imports.kinds.statements import Acknowledgements, Assertions
from hege.imports.kinds.units import Units
from hege.imports.layouts import FileKind
from hege.imports.rules import Headings, Read, Table, match_headings, read_rows
from hege.kernel.refused import Refused

KINDS: dict[FileKind, type[Kind[Any]]] = {
    kind.layout.kind: kind
    for kind in (
        Units, Meters, Readings, Bills, Receipts, Remittances, DirectPayments, Acknowledgements, Assertions, WalletLines,
        BankLines, UtilityLines,
    )
}  # fmt: skip


def guess_kinds(header: Sequence[Cell]) -> list[FileKind]:
    """The kinds that have all they need in these headings and know most of them; more than one where they say no more."""
    fit = {kind: found.known for kind in FileKind if (found := match_headings(KINDS[kind].layout, header)).whole}
    return [kind for kind, known in fit.items() if known == max(fit.values())]


def guess_kind(header: Sequence[Cell]) -> FileKind:
    """The one kind these headings speak of. Raises ``Refused`` where they fit none, or several alike."""
    kinds = guess_kinds(header)
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        names = _("、").join(f"“{kind.label}”" for kind in kinds)
        raise Refused(_("单看表头分不清是%(kinds)s，请选明这是什么。") % {"kinds": names}, field="kind")
    there = _told(header)
    raise Refused(
        _("表头和哪一种都不符（%(there)s）；请选明这是什么，或先下载模板对照。") % {"there": there}, field="kind"
    )


def find_headings(kind: FileKind, header: Sequence[Cell]) -> Headings:
    """Match headings to columns. Refuses a missing or a doubled one by its name, and a file that is rather of another kind."""
    found = match_headings(KINDS[kind].layout, header)
    if found.doubled:
        raise Refused(_("表头重复：%(names)s。请每列只留一个。") % {"names": _("、").join(found.doubled)})
    rather = next((other for other in guess_kinds(header) if other is not kind), None)
    if found.missing:
        reason = _("表头缺少：%(names)s。这是%(kind)s；文件里的表头是：%(there)s。") % {
            "names": _("、").join(found.missing),
            "kind": kind.label,
            "there": _told(header),
        }
        raise Refused(reason + (_("这像是“%(other)s”文件。") % {"other": rather.label} if rather else ""))
    if rather is not None:
        other = match_headings(KINDS[rather].layout, header)
        strange = [name for name in found.ignored if name not in other.ignored]
        if other.known > found.known and strange:
            raise Refused(
                _(
                    "这像是“%(other)s”文件：“%(kind)s”里没有%(names)s。请改按那一种导入；确是“%(kind)s”，请先删去这几列。"
                )
                % {"other": rather.label, "kind": kind.label, "names": _("、").join(strange)}
            )
    return found


def read_as(kind: FileKind, table: Table, progress: Callable[[int, int], None] | None = None) -> Read:
    """The rows of a table as a kind has them. Raises ``Refused`` where its headings are not those of the kind."""
    return read_rows(KINDS[kind].layout, table, find_headings(kind, table.header), progress)


def _told(header: Sequence[Cell]) -> str:
    """Headings as they stand, for a refusal."""
    return _("、").join(visible(c) for c in header if visible(c))[:400] or _("（空）")
