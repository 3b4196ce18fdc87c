"""An outcome told: as JSON for machines, in sentences for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.imports.kind import Doubt
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.imports.queries import MONEY, ON_THE_ROSTER
from hege.imports.rules import Fault, Table, few
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.several import several

#: What is answered by one of several choices.
CHOSEN = ("line", "owner", "firm")
SHOWN_METERS, SHOWN_OF_GROUP, SHOWN_LEFT_OUT, SHOWN_ASIDE = 10, 12, 200, 200


def as_json(outcome: Outcome, *, refused_file: str | None = None) -> dict[str, Any]:
    """An outcome as plain values: money in fen, instants in ISO 8601; ``refused_file`` says why it is no such file."""
    counts = ("dry_run", "rows", "new", "changed", "same", "refused", "booked")
    already = outcome.already_imported_on
    return {
        "kind": outcome.kind.value,
        "file": outcome.file,
        "sha256": outcome.sha256,
        **{name: getattr(outcome, name) for name in counts},
        "already_imported_on": already.isoformat() if already else None,
        "faults": [asdict(f) for f in outcome.faults],
        "notices": outcome.notices,
        "changes": [asdict(c) for c in outcome.changes],
        "doubts": [
            {"row": d.row, "ask": d.ask, "shown": d.shown, "meets": d.meets, "event_id": d.transaction_id, "met": d.met,
             "question": question(d), "code": d.code, "sure": d.sure, "reasons": [asdict(r) for r in d.reasons],
             "choices": [asdict(choice) for choice in d.choices]}
            for d in outcome.doubts
        ],
        "lines": [asdict(seen) | {"on": seen.on.isoformat()} for seen in outcome.lines if seen.state != "aside"],
        "aside": {
            why: {
                "said": seen[0].reasons[0].said, "rows": [s.row for s in seen], "fen": sum(s.fen for s in seen),
                "lines": [asdict(s) | {"on": s.on.isoformat()} for s in seen[:SHOWN_ASIDE]],
            }
            for why, seen in outcome.aside.items()
        },
        "ends": [[end.code, end.label] for end in outcome.ends],
        "ignored_columns": outcome.ignored_columns,
        "refused_file": refused_file,
        "totals": {"before": outcome.before, "after": outcome.after},
        "found": _found(outcome.table) if outcome.table else None,
        "mapping": outcome.columns or None,
        "read_as": outcome.read_as,
    }  # fmt: skip


def _found(table: Table) -> dict[str, Any]:
    """Where the table was found in its file, and the rows that are none of its own."""
    return {
        "sheet": table.sheet,
        "headings": table.first_row - 1,
        "left_out": [asdict(left) for left in table.left_out[:SHOWN_LEFT_OUT]],
        "facts": table.facts,
    }


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """Faults of one column with one reason: how many rows, the different values, which kind of file to import ``first``."""

    column: str
    reason: str
    rows: list[int]
    values: list[str]
    first: FileKind | None

    def as_json(self) -> dict[str, Any]:
        """As plain values, of many rows and values the first few."""
        return {
            "column": self.column, "reason": self.reason, "n": len(self.rows), "rows": self.rows[:SHOWN_OF_GROUP],
            "different": len(self.values), "values": self.values[:SHOWN_OF_GROUP],
            "first": self.first.value if self.first else "",
        }  # fmt: skip


def fault_groups(faults: Sequence[Fault]) -> list[FaultGroup]:
    """Faults alike together, the most frequent first."""
    units, meters = str(ON_THE_ROSTER["unit"][1]), {str(ON_THE_ROSTER[name][1]) for name in ("master", "meter")}
    meters |= {_("没有这块总表，请先导入 meters"), _("没有这块分表，请先导入 meters")}
    first = {units: FileKind.UNITS, **dict.fromkeys(meters, FileKind.METERS)}
    alike: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        alike[fault.column, fault.reason].append(fault)
    groups = [
        FaultGroup(column, reason, [f.row for f in of], list(dict.fromkeys(f.value for f in of)), first.get(reason))
        for (column, reason), of in alike.items()
    ]
    return sorted(groups, key=lambda group: -len(group.rows))


def question(doubt: Doubt) -> str:
    """What is asked about a row, in a sentence."""
    if doubt.ask == "payment":
        return _("同一处、同一金额、相差不过一天：是已登记的那一笔，还是另一笔？")
    if doubt.ask == "line":
        return _("这一笔是什么？")
    if doubt.ask == "owner":
        return _("这是谁的钱包或账户？")
    if doubt.ask == "firm":
        return _("名称相同，代码不足以分辨：是已登记的那一家，还是另一家？")
    return _("和已登记的很像：是写错了，还是确是新的？")


def summary(outcome: Outcome) -> str:
    """What happened, in a sentence."""
    unsaid = sum(doubt.ask in CHOSEN for doubt in outcome.doubts)
    if unsaid and not outcome.faults:
        return several("有 %(n)d 处要先说明是什么；说明之前一行都不登记。") % {"n": len(outcome.doubts)}
    if outcome.doubts and not outcome.faults:
        return several("有 %(n)d 行可能已登记过，要先说明；说明之前一行都不登记。") % {"n": len(outcome.doubts)}
    if outcome.faults:
        return several("有 %(bad)d 行要改，整个文件没有登记。", "bad") % {"bad": outcome.refused}
    if outcome.nothing_to_do and outcome.already_imported_on:
        return _("这份文件已于 %(day)s 导入，没有要做的。") % {"day": day_of(outcome.already_imported_on)}
    if outcome.nothing_to_do:
        return _("各行都已登记过，没有要做的。")
    counts = {"new": outcome.new, "changed": outcome.changed}
    if outcome.dry_run:
        return several("可以导入：新增 %(new)d 行，改动 %(changed)d 行；现在什么都没有存。", "new") % counts
    return several("已导入：新增 %(new)d 行，改动 %(changed)d 行。", "new") % counts


#: The names of the totals, in the order in which they are shown.
LABELS = {
    "payable": gettext_lazy("应付水司"),
    "held": gettext_lazy("代收人持有"),
    "fronted": gettext_lazy("代收人垫付"),
    "owed": gettext_lazy("商铺欠缴"),
    "advance": gettext_lazy("商铺多付"),
    "unshared": gettext_lazy("未分摊"),
    "units": gettext_lazy("商铺"),
    "tenancies": gettext_lazy("租期"),
    "meters": gettext_lazy("水表"),
    "supply_points": gettext_lazy("用水点"),
    "readings": gettext_lazy("抄表"),
    "bills": gettext_lazy("账单"),
    "payments": gettext_lazy("付款"),
    "acknowledgements": gettext_lazy("欠费确认"),
    "assertions": gettext_lazy("余额核对"),
    "honours": gettext_lazy("荣誉"),
    "firms": gettext_lazy("企业"),
}


@dataclass(frozen=True, slots=True)
class Total:
    """One total before and after a file, as shown: yuan for money, plain numbers for records."""

    name: str
    label: str
    before: str
    after: str
    moved: bool


def total_lines(before: dict[str, Any], after: dict[str, Any]) -> list[Total]:
    """The totals side by side; money of zero that stays zero is left out."""
    lines = []
    for name, label in LABELS.items():
        old, new = before.get(name), after.get(name)
        if not isinstance(old, int) or not isinstance(new, int) or (name in MONEY and not old and not new):
            continue
        shown = yuan if name in MONEY else str
        lines.append(Total(name, str(label), shown(old), shown(new), old != new))
    return lines


def meter_lines(outcome: Outcome) -> list[tuple[str, list[Total]]]:
    """The same for each master meter a money file touches."""
    before, after = outcome.before.get("meters"), outcome.after.get("meters")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [(code, total_lines(before[code], after[code])) for code in after if code in before]


def _asked(doubt: Doubt) -> Iterator[str]:
    yield _("  第 %(row)d 行　%(question)s") % {"row": doubt.row, "question": question(doubt)}
    yield _("    本行　　%(shown)s") % {"shown": doubt.shown}
    if doubt.ask not in CHOSEN:
        yield _("    已登记　%(meets)s") % {"meets": doubt.meets}
        return
    yield _("    依据　　%(reasons)s") % {"reasons": doubt.meets}
    for choice in doubt.choices:
        yield _("    可以是　%(code)s　%(label)s") % {"code": choice.code, "label": choice.label}


def in_words(outcome: Outcome) -> Iterator[str]:
    """Everything about an outcome, line by line."""
    head = {"kind": outcome.kind.label, "file": outcome.file, "rows": outcome.rows}
    yield several("%(kind)s：%(file)s，共 %(rows)d 行", "rows") % head
    counts = {"new": outcome.new, "changed": outcome.changed, "same": outcome.same, "refused": outcome.refused}
    yield _("新增 %(new)d，改动 %(changed)d，已登记 %(same)d，要改 %(refused)d") % counts
    for fault in outcome.faults:
        yield _("  第 %(row)d 行　%(column)s　“%(value)s”：%(reason)s") % asdict(fault)
    for doubt in outcome.doubts:
        yield from _asked(doubt)
    asked = {doubt.ask for doubt in outcome.doubts}
    if "payment" in asked:
        yield _(
            "  是同一笔的：--same 行号（作为这一笔的又一张凭证）；确是两笔的：--both 行号。几行用逗号分开，如 2,5-7。"
        )
    if "new" in asked:
        yield _("  确是新的：--new 行号；写错的请改表。几行用逗号分开，如 2,5-7。")
    for seen in outcome.aside.values():
        rows = few([line.row for line in seen], _(" 行等 %(n)d"))
        told = {"rows": rows, "why": seen[0].reasons[0].said, "sum": yuan(sum(line.fen for line in seen))}
        yield _("  第 %(rows)s 行放在一边：%(why)s，共 %(sum)s 元") % told
    for change in outcome.changes:
        yield _("  第 %(row)d 行　%(column)s：%(before)s → %(after)s") % asdict(change)
    for notice in outcome.notices:
        yield _("  请留意：%(notice)s") % {"notice": notice}
    if outcome.ignored_columns:
        yield _("  未采用的列：%(names)s") % {"names": _("、").join(outcome.ignored_columns)}
    for total in total_lines(outcome.before, outcome.after):
        yield _("  %(label)s：%(before)s → %(after)s") % asdict(total)
    for code, totals in meter_lines(outcome)[:SHOWN_METERS]:
        yield "    " + code + "　" + _("；").join(f"{t.label} {t.before} → {t.after}" for t in totals)
    yield summary(outcome)
