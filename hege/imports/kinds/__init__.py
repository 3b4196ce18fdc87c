"""Every kind of file, and which one a table is. A new kind is a module here and a line in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hege.imports import columns
from hege.imports.cells import Cell, heading_key, visible
from hege.imports.columns import ColumnMapping, Memory
from hege.imports.kind import Answers, Kind
from hege.imports.kinds.bills import Bills
from hege.imports.kinds.honours import Honours
from hege.imports.kinds.lines import BankLines, UtilityLines, WalletLines
from hege.imports.kinds.meters import Meters
from hege.imports.kinds.payments import DirectPayments, Receipts, Remittances
from hege.imports.kinds.readings import Readings
from hege.imports.kinds.statements import Acknowledgements, Assertions
from hege.imports.kinds.units import Units
from hege.imports.layouts import FileKind
from hege.imports.presets import preset_of
from hege.imports.rules import Read, Table, read_rows
from hege.imports.synonyms import HINTS
from hege.kernel.refused import Refused

KINDS: dict[FileKind, type[Kind[Any]]] = {
    kind.layout.kind: kind
    for kind in (
        Units, Meters, Readings, Bills, Receipts, Remittances, DirectPayments, Acknowledgements, Assertions, WalletLines,
        BankLines, UtilityLines, Honours,
    )
}  # fmt: skip
NOTHING_SAID = Answers()


class Unmapped(Refused):
    """A table whose columns a person must look at first; ``columns`` are what they are taken for (``columns.as_json``)."""

    def __init__(self, sentence: str, proposed: dict[str, Any]) -> None:
        super().__init__(sentence, field="columns")
        self.columns = proposed


def propose(
    table: Table,
    kind: FileKind | None = None,
    *,
    answers: Answers = NOTHING_SAID,
    remembered: Sequence[Memory] = (),
    name: str = "",
) -> ColumnMapping:
    """What each column of a table is, as a kind, or as the one it looks to be. Raises ``Refused`` where it looks like none."""
    layout = KINDS[kind or guess_kind(table, name)].layout
    return columns.propose(layout, table, columns=answers.columns, constants=answers.constants, remembered=remembered)


# -- which kind --------------------------------------------------------------------------------------------------------


def guess_kinds(table: Table, name: str = "") -> list[FileKind]:
    """The kinds a table may be: by a known layout, else those that have all they need and know most of its headings.

    Where they know as many, those that need no word but our own are it; else what the sheet, its titles and the file are
    called decides.
    """
    preset = preset_of([heading_key(cell) for cell in table.header])
    if preset is not None:
        return [preset.kind]
    found = {kind: columns.propose(KINDS[kind].layout, table) for kind in FileKind}
    fit = {kind: mapping for kind, mapping in found.items() if mapping.whole and _marked(kind, mapping)}
    most = max((len(mapping.picks) for mapping in fit.values()), default=0)
    kinds = [kind for kind, mapping in fit.items() if len(mapping.picks) == most]
    kinds = [kind for kind in kinds if _own_whole(kind, fit[kind])] or kinds
    hinted = [kind for kind in kinds if _hinted(kind, table, name)]
    return hinted if len(hinted) == 1 else kinds


#: What a statement of somebody else's is known by beside a day and a sum: one of these sets of fields.
MARKS: dict[FileKind, tuple[frozenset[str], ...]] = {
    FileKind.WALLET: (
        frozenset({"counterparty", "direction", "status"}),
        frozenset({"counterparty", "direction", "sort"}),
    ),
    FileKind.BANK: (frozenset({"counterparty", "balance_fen"}),),
    FileKind.UTILITY_PAYMENTS: (frozenset({"account"}),),
}


def _marked(kind: FileKind, mapping: ColumnMapping) -> bool:
    """Whether a table has what a statement is known by; a file of ours is known by what it must have."""
    there = {pick.field for pick in mapping.picks.values()}
    return kind not in MARKS or any(marks <= there for marks in MARKS[kind])


def _own_whole(kind: FileKind, mapping: ColumnMapping) -> bool:
    """Whether a kind has all it needs under our own names."""
    needed = {name for name, column in KINDS[kind].layout.named() if column.need or column.fill}
    return needed <= {pick.field for place, pick in mapping.picks.items() if mapping.why[place] == "own"}


def _hinted(kind: FileKind, table: Table, name: str) -> bool:
    """Whether a kind's words stand in the name of the sheet, of the file, or in the lines above the table."""
    titles = [left.text for left in table.left_out if left.sort == "title"]
    said = " ".join([table.sheet, name, *titles])
    return any(word in said for word in HINTS[kind])


def guess_kind(table: Table, name: str = "") -> FileKind:
    """The one kind a table is of. Raises ``Refused`` where it fits none, or several alike."""
    kinds = guess_kinds(table, name)
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        names = _("、").join(f"“{kind.label}”" for kind in kinds)
        raise Refused(_("单看表头分不清是%(kinds)s，请选明这是什么。") % {"kinds": names}, field="kind")
    there = _told(table.header)
    raise Refused(
        _("表头和哪一种都不符（%(there)s）；请选明这是什么，或先下载模板对照。") % {"there": there}, field="kind"
    )


# -- reading -----------------------------------------------------------------------------------------------------------


def check_mapping(table: Table, mapping: ColumnMapping) -> None:
    """Refuse what a mapping cannot be read by, all of it at once: a field without a column, one with two, what is asked."""
    layout = KINDS[mapping.kind].layout
    named = [_("、").join(layout.heading[name] for name in names) for names in (mapping.doubled, mapping.missing)]
    wrong = []
    if mapping.doubled:
        wrong.append(_("表头重复：%(names)s。请每列只留一个。") % {"names": named[0]})
    # Another kind is asked for where a column is missing, or is not read and may be one of its own.
    rather = _rather(table, mapping.kind) if mapping.missing or mapping.unused(table.header) else None
    if mapping.missing:
        reason = _("表头缺少：%(names)s。这是%(kind)s；文件里的表头是：%(there)s。")
        wrong.append(reason % {"names": named[1], "kind": mapping.kind.label, "there": _told(table.header)})
        if rather:
            wrong.append(_("这像是“%(other)s”文件。") % {"other": rather.label})
    elif rather:
        wrong += _strange_columns(table, mapping, rather)
    if mapping.strange:
        told = _("对列办法里有这份文件没有的：%(words)s。请重新对列。")
        wrong.append(told % {"words": _("、").join(mapping.strange)})
    wrong += [_("%(text)s%(detail)s请先对列。") % {"text": q.text, "detail": q.detail} for q in mapping.open]
    if wrong:
        raise Unmapped("".join(wrong), columns.as_json(layout, table.header, mapping))


def _rather(table: Table, kind: FileKind) -> FileKind | None:
    """Another kind that a table would rather be."""
    kinds = guess_kinds(table)
    return None if kind in kinds else next(iter(kinds), None)


def _strange_columns(table: Table, mapping: ColumnMapping, rather: FileKind) -> list[str]:
    """The refusal of a table that another kind knows more columns of."""
    other = columns.propose(KINDS[rather].layout, table)
    elsewhere = other.unused(table.header)
    strange = [name for name in mapping.unused(table.header) if name not in elsewhere]
    if len(other.picks) <= len(mapping.picks) or not strange:
        return []
    told = _("这像是“%(other)s”文件：“%(kind)s”里没有%(names)s。请改按那一种导入；确是“%(kind)s”，请先删去这几列。")
    return [told % {"other": rather.label, "kind": mapping.kind.label, "names": _("、").join(strange)}]


def read_as(
    kind: FileKind,
    table: Table,
    progress: Callable[[int, int], None] | None = None,
    *,
    mapping: ColumnMapping | None = None,
) -> Read:
    """The rows of a table as a kind has them. Raises ``Refused`` where its columns are not those of the kind."""
    mapping = mapping or propose(table, kind)
    check_mapping(table, mapping)
    read = read_rows(KINDS[kind].layout, table, mapping, progress)
    read.notices += mapping.notices()
    return read


def _told(header: Sequence[Cell]) -> str:
    """Headings as they stand, for a refusal."""
    return _("、").join(visible(c) for c in header if visible(c))[:400] or _("（空）")
