"""Honours of firms as a list: rows of one firm and title are one honour, a product a row; what is there is not taken in again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Annotated, Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.honours import queries
from hege.honours.actions import draft_honours
from hege.honours.models import Firm, Honour, HonourVersion
from hege.honours.numbers.rules import Answer, Verdict
from hege.honours.numbers.sentences import decided_by
from hege.honours.queries import Entry, FirmMatch, ReadDraft, is_licence, read_draft
from hege.honours.rules import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_TITLE,
    MOST_ITEMS,
    FirmDraft,
    HonourDraft,
    HonourKind,
    HonourState,
    ItemDraft,
    ItemKind,
    Level,
    folded_name,
    inner_code,
    kind_said,
    level_said,
    likeness,
)
from hege.imports.cells import Cell, code_of, day_of, is_stroke, said, visible, word_of
from hege.imports.kind import Booking, Choice, Doubt, Kind
from hege.imports.layouts import Column, FileKind, Layout
from hege.imports.queries import ToCome
from hege.imports.rules import Read
from hege.imports.synonyms import STILL_IN
from hege.kernel.refused import Refused, RefusedAll, refusal_of
from hege.kernel.spelling import fold

KIND_WORDS = {
    "产品证书": HonourKind.PRODUCT_CERTIFICATE, "资格许可": HonourKind.LICENCE, "抽查合格": HonourKind.SPOT_CHECK,
    "示范达标": HonourKind.DEMONSTRATION, "优秀案例": HonourKind.CASE, "信用评价": HonourKind.RATING,
    **{kind.value: kind for kind in HonourKind},
}  # fmt: skip
LEVEL_WORDS = {
    "国家级": Level.NATIONAL, "省市级": Level.CITY, "区县级": Level.DISTRICT, "行业": Level.TRADE, "没有写明": Level.UNSAID,
    **{level.value: level for level in Level},
}  # fmt: skip
ALSO_LEVELS = {
    "全国": "国家级",
    "省级": "省市级",
    "市级": "省市级",
    "区级": "区县级",
    "县级": "区县级",
    "行业级": "行业",
}
FIRM, ANOTHER = "firm:", "another"
SHOWN_FIRMS = 6


def expiry_of(cell: Cell) -> dt.date | None:
    """The last day it holds; None where the paper says that it holds without end."""
    return None if visible(cell) in STILL_IN or is_stroke(cell) else day_of(cell)


def printed_number(cell: Cell) -> str:
    """A number as it is printed, refused where what stands there is none any more."""
    read = _number(cell)
    return " ".join(cell.split()) if isinstance(cell, str) else read


_number = code_of(LONGEST_NUMBER)


# fmt: off
class HonourRow(NamedTuple):
    number: int
    firm: Annotated[str, Column("企业名称", ("firm", "company", "获奖企业"), said(LONGEST_NAME), fill=True, sample="示例蔬菜专业合作社",
        note=_("照营业执照写。"))]
    firm_code: Annotated[str, Column("企业代码", ("firm_code", "uscc", "统一社会信用代码"), code_of(LONGEST_NUMBER), empty="", sample="",
        note=_("18 位统一社会信用代码，或者原来的 9 位组织机构代码；同名的企业靠它分辨。"))]
    title: Annotated[str, Column("荣誉名称", ("title", "honour"), said(LONGEST_TITLE), fill=True, sample="绿色食品证书",
        note=_("同一企业、同一荣誉、同样起止的几行是一项荣誉，一个产品一行。"))]
    kind: Annotated[HonourKind | None, Column("荣誉种类", ("honour_kind",), word_of(KIND_WORDS), words=tuple(list(KIND_WORDS)[:6]),
        sample="产品证书", note=_("空着按荣誉名称认。"))]
    level: Annotated[Level | None, Column("荣誉级别", ("level",), word_of(LEVEL_WORDS, ALSO_LEVELS), words=tuple(list(LEVEL_WORDS)[:5]),
        sample="国家级", note=_("空着按荣誉名称认。"))]
    body: Annotated[str, Column("颁发单位", ("body", "awarding_body"), said(LONGEST_NAME), empty="", sample="示例颁发单位", note=_("可空。"))]
    product: Annotated[str, Column("产品名称", ("product",), said(LONGEST_NAME), empty="", sample="青菜",
        note=_("受检产品、成果也写在这里；没有产品的空着。"))]
    product_number: Annotated[str, Column("证书编号", ("product_number", "certificate_number"), printed_number, empty="", sample="",
        note=_("照原件写；没有产品的荣誉写它自己的编号。"))]
    trade_mark: Annotated[str, Column("商标", ("trade_mark",), said(LONGEST_NUMBER), empty="", sample="", note=_("可空。"))]
    approval_no: Annotated[str, Column("批准文号", ("approval_no", "approval_number"), said(LONGEST_NUMBER), empty="", sample="",
        note=_("名称里有“全国”“中国”“国家”的，写批准它的文号。"))]
    issued_on: Annotated[dt.date | None, Column("颁发日期", ("issued_on", "issued"), day_of, sample="2026-03-05",
        note=_("可空；不能晚于今天。"))]
    expires_on: Annotated[dt.date | None, Column("有效期至", ("expires_on", "expires"), expiry_of, sample="2029-03-04",
        note=_("证书上写的最后一天；没有写的空着。"))]
    source: Annotated[str, Column("出处", ("source",), said(LONGEST_TITLE), fill=True, sample="示例报",
        note=_("哪份报纸、哪份文件；各行都一样的，可以在对列时说一次。"))]
    source_page: Annotated[str, Column("版面", ("source_page", "page"), said(LONGEST_NUMBER), empty="", sample="第 3 版", note=_("可空。"))]
    source_on: Annotated[dt.date | None, Column("出处日期", ("source_on", "source_date"), day_of, sample="2026-03-06",
        note=_("可空；不能晚于今天。"))]
    again: Annotated[str, Column("再录理由", ("again", "reason"), said(300), empty="", sample="",
        note=_("可不列；撤下过的荣誉要再录入时，写明为什么。"))]
# fmt: on


#: Where a refusal of the register is told, by its field; the others have the names of ours.
_COLUMN = {"items": "product", "number": "product_number", "code": "firm_code"}
#: What rows of one honour must say alike; a blank says nothing.
_ALIKE = ("kind", "level", "body", "source", "source_page", "source_on", "again")


@dataclass(slots=True)
class Group:
    """The rows of one honour, and what they say together."""

    rows: list[HonourRow]
    read: ReadDraft
    lines: Sequence[tuple[HonourRow, ItemDraft, Verdict | None]] = ()
    firm: FirmDraft = field(default=FirmDraft(""))
    whose: int | str = ""  #: the firm's key, or what tells a new one from another

    @property
    def number(self) -> int:
        """The row by which it is asked about."""
        return self.rows[0].number


class Honours(Kind[HonourRow]):
    """Checked against the street's firms and honours: a name alone is asked about, what stands there is left alone."""

    layout = Layout(
        FileKind.HONOURS, HonourRow, note=_("别人颁发的荣誉，一个产品一行；录入后还要另一个人核对、公示才能上榜。")
    )
    told_apart = ("firm", "title", "product_number")
    counted: ClassVar[Mapping[str, tuple[Any, Mapping[str, Any]]]] = {"honours": (Honour, {}), "firms": (Firm, {})}
    of_money = False

    def check(self, rows: Sequence[HonourRow]) -> None:
        self.patterns = queries.patterns_for(self.run.street)
        groups = list(self._groups(rows))
        self._name_firms(groups)
        self.tell(50)
        self.fresh = list(self._fresh(groups))
        self._check_licences(self.fresh)
        self.new = {row.number for group in self.fresh for row in group.rows}
        self._tell_proposed()

    def check_cells(self, row: HonourRow) -> None:
        """What a row with a bad cell says in its others."""
        there = row._replace(firm=row.firm or "", title=row.title or "", source=row.source or "")
        self._read(there, asked={name for name in self.layout.fields if getattr(row, name) is not None})

    def check_half(self, read: Read) -> None:
        for row in read.half:
            self.check_cells(row)

    def book(self, booking: Booking) -> None:
        drafts = [replace(group.read.draft, firm=group.firm) for group in self.fresh]
        draft_honours(self.run.street, drafts, by=booking.by, at=booking.at)
        booking.tell(len(self.new))

    def foresee(self) -> ToCome:
        firms = {group.whose for group in self.fresh if isinstance(group.whose, str)}
        return ToCome({"honours": len(self.fresh), "firms": len(firms)})

    # -- what the rows say

    def _read(self, row: HonourRow, asked: set[str] | None = None) -> ReadDraft | None:
        """One row as a draft; what is wrong with it is told by its columns."""
        try:
            return read_draft(_draft(row), on=self.run.today, patterns=self.patterns)
        except RefusedAll as refused:
            bad_code = refusal_of(queries.read_code, code=row.firm_code or "", on=self.run.today)
            wrong = [*refused.refusals, *([bad_code] if bad_code else [])]
        except Refused as refused:
            wrong = [refused]
        for one in wrong:
            name = _COLUMN.get(one.field or "", one.field or "title")
            if asked is None or name in asked:
                self.fault(row, name, str(one).rstrip("。"))
        return None

    def _groups(self, rows: Sequence[HonourRow]) -> Iterator[Group]:
        """The rows that are one honour: of one firm, title, mark, approval and span."""
        together: dict[tuple[Any, ...], list[tuple[HonourRow, ReadDraft]]] = defaultdict(list)
        for row in rows:
            read = self._read(row)
            if read is None:
                continue
            firm = read.draft.firm
            key = (
                inner_code(firm.code) or folded_name(firm.name),
                *map(fold, (row.title, row.trade_mark, row.approval_no)),
            )
            together[*key, row.issued_on, row.expires_on].append((row, read))
        for found in together.values():
            group = Group([row for row, _read in found], found[0][1])
            if self._agree(group) and self._apart(found):
                yield self._whole(group, found)

    def _agree(self, group: Group) -> bool:
        """Whether the rows of one honour say the same of it."""
        first, told = group.rows[0], len(self.faults)
        for name in _ALIKE:
            values = {row: value for row in group.rows if (value := getattr(row, name)) not in (None, "")}
            one, *others = list(dict.fromkeys(values.values())) or [None]
            group.rows[0] = group.rows[0]._replace(**{name: one if one is not None else getattr(first, name)})
            for row, value in values.items() if others else ():
                if value != one:
                    reason = _("与第 %(row)d 行是同一项荣誉，这一格却不同；不是同一项的，请写明不同的起止日期")
                    self.fault(row, name, reason % {"row": first.number})
        return len(self.faults) == told

    def _apart(self, found: Sequence[tuple[HonourRow, ReadDraft]]) -> bool:
        """Whether no row of an honour stands twice; one with the same product and number counts once, and that is told."""
        first: dict[tuple[str, str], int] = {}
        for row, read in found:
            key = (fold(row.product), "".join(read.numbers))
            other = first.setdefault(key, row.number)
            if other != row.number:
                self.same.add(row.number)
                self.notices.add(_("与第 %(row)d 行相同，只登记一次") % {"row": other}, row.number)
        if len(first) > MOST_ITEMS:
            reason = _("一项荣誉最多 %(most)d 个产品，请分成几项") % {"most": MOST_ITEMS}
            self.fault(found[MOST_ITEMS][0], "product", reason)
        return len(first) <= MOST_ITEMS

    def _whole(self, group: Group, found: Sequence[tuple[HonourRow, ReadDraft]]) -> Group:
        """An honour with the products of all its rows."""
        kept = [(row, read) for row, read in found if row.number not in self.same]
        group.lines = [(row, item, verdict) for row, read in kept for item, verdict in read.lines]
        lines = [(item, verdict) for _row, item, verdict in group.lines]
        firm = max((read.draft.firm for _row, read in kept), key=lambda draft: len(draft.code))
        draft = replace(_draft(group.rows[0]), items=[item for item, _verdict in lines], firm=firm)
        printed = "\n".join(_printed(self.run.as_it_stood(row.number)) for row, _read in kept)
        group.rows = [group.rows[0], *(row for row, _read in kept[1:])]
        group.read = ReadDraft(replace(draft, as_printed=printed), lines)
        return group

    # -- whose they are

    def _name_firms(self, groups: list[Group]) -> None:
        """Each honour's firm: by its code, by a person's word, or new; a name that another has is asked about once."""
        coded: dict[str, dict[str, Group]] = defaultdict(dict)
        for group in groups:
            firm = group.read.draft.firm
            if firm.code:
                coded[folded_name(firm.name)].setdefault(inner_code(firm.code), group)
        matches = queries.match_firms(self.run.street, [group.read.draft.firm for group in groups])
        by_firm = sorted(groups, key=lambda group: (_key(group.read.draft.firm), group.number))
        for key, same in groupby(by_firm, key=lambda group: _key(group.read.draft.firm)):
            some = list(same)
            first = some[0]
            firm = first.read.draft.firm
            others = coded[folded_name(firm.name)]
            if not firm.code and others:
                other = next(iter(others.values()))
                reason = _("与第 %(row)d 行的企业同名，那一行写了代码；是同一家的请照写，不是的请写它自己的代码")
                for group in some:
                    self.fault(group.rows[0], "firm_code", reason % {"row": other.number})
                groups[:] = [group for group in groups if group not in some]
                continue
            draft, whose = self._firm_of(first, matches[firm], key)
            for group in some:
                group.firm, group.whose = draft, whose
                if folded_name(group.read.draft.firm.name) != folded_name(firm.name):
                    told = _("代码与第 %(row)d 行相同，名称不同，按一家企业登记")
                    self.notices.add(told % {"row": first.number}, group.number)

    def _firm_of(self, group: Group, match: FirmMatch, key: str) -> tuple[FirmDraft, int | str]:
        draft = group.read.draft.firm
        if match.sure is not None:
            if match.sure.folded != folded_name(draft.name):
                told = _("代码已登记在“%(firm)s”名下，按它登记") % {"firm": match.sure.name}
                self.notices.add(told, group.number)
            return replace(draft, known=match.sure.pk), match.sure.pk
        if not match.same_name:
            return draft, key
        said = self.run.answers.lines.get(group.number, "")
        if said == ANOTHER:
            return replace(draft, another=True), key
        known = next((firm for firm in match.same_name if said == f"{FIRM}{firm.public_id}"), None)
        if known is not None:
            return replace(draft, known=known.pk), known.pk
        named = [Choice(f"{FIRM}{firm.public_id}", _shown(firm)) for firm in match.same_name[:SHOWN_FIRMS]]
        choices = (*named, Choice(ANOTHER, str(_("是另一家"))))
        meets = str(_("；")).join(choice.label for choice in named)
        self.doubts.append(Doubt(group.number, "firm", f"{draft.name} {draft.code}".strip(), meets, choices=choices))
        return draft, key

    # -- what is there

    def _fresh(self, groups: Sequence[Group]) -> Iterator[Group]:
        """The honours that are not there yet. One that is there, and says the same, is left alone; else a person is asked."""
        known = {group.whose for group in groups if isinstance(group.whose, int)}
        before = queries.said_before(self.run.street, known)
        first: dict[str, Group] = {}
        for group in groups:
            numbers, title = group.read.numbers, group.read.draft.title
            like = "\n".join([str(group.whose), fold(title), *sorted(fold(n) for n in numbers if n)])
            there = before.get(likeness(group.whose, title, numbers), ()) if isinstance(group.whose, int) else ()
            other = first.setdefault(like, group)
            if there:
                if not self._is_new(group, there):
                    continue
            elif other is not group and not group.rows[0].again:
                shown = f"{title} {group.rows[0].issued_on or ''}".strip()
                meets = _("本表第 %(row)d 行：同一企业、同一荣誉、同样的编号") % {"row": other.number}
                self.ask_whether_new(group.number, shown, str(meets))
                self._say_again(group)
            yield group

    def _is_new(self, group: Group, there: Sequence[Entry]) -> bool:
        """Whether an honour much like one that is there is to be taken in."""
        why = group.rows[0].again
        alike = [entry for entry in there if _says(entry) == _said(group.read)]
        if why:
            alike = [entry for entry in alike if entry.version.reason == why]
        if alike:
            self._leave(group, HonourState(alike[0].honour.state))
            return False
        if why:
            self._say_again(group)
            return True
        states = {HonourState(entry.honour.state) for entry in there}
        if states == {HonourState.DROPPED}:
            return True
        met = next(entry for entry in there if entry.honour.state != HonourState.DROPPED)
        if HonourState.WITHDRAWN in states:
            reason = _("登记过，后来撤下了（%(id)s）；确实要再次录入的，请在“再录理由”一列写明为什么")
            self.fault(group.rows[0], "title", reason % {"id": met.honour.public_id})
            return True
        version = met.version
        named = {"title": version.title, "day": version.issued_on or "", "state": HonourState(met.honour.state).label}
        meets = _("%(title)s %(day)s（%(state)s）；要更正它的，请到那项荣誉里更正，并从文件里删去这一行") % named
        self.ask_whether_new(
            group.number, f"{group.read.draft.title} {group.rows[0].issued_on or ''}".strip(), str(meets)
        )
        self._say_again(group)
        return True

    def _leave(self, group: Group, state: HonourState) -> None:
        told = _("已登记过（%(state)s），没有再登记") % {"state": state.label}
        if state in (HonourState.WITHDRAWN, HonourState.DROPPED):
            told += _("；确实要再次录入的，请在“再录理由”一列写明为什么")
        for row in group.rows:
            self.same.add(row.number)
            self.notices.add(told, row.number)

    def _say_again(self, group: Group) -> None:
        """Why it is taken in beside one much like it: the paper says so, or a person did."""
        said = group.rows[0].again or str(_("导入 %(file)s 时说明确是另一项") % {"file": self.run.name})
        group.read = replace(group.read, draft=replace(group.read.draft, again=said[:300]))

    def _check_licences(self, groups: Sequence[Group]) -> None:
        """The same licence at two firms: told at the row that has it, with the row or the register that has it too."""
        numbers = {number for group in groups for number in group.read.licences}
        holders = queries.licences_taken(self.run.street, numbers)
        first: dict[str, Group] = {}
        for group in groups:
            kind = group.read.draft.kind
            for row, item, verdict in group.lines:
                if verdict is None or not is_licence(item.kind, verdict.kind, kind):
                    continue
                other = first.setdefault(verdict.read_as, group)
                if holders.get(verdict.read_as, set()) - {group.whose}:
                    self.fault(row, "product_number", _("资格证书编号已登记在另一家企业名下，请先弄清是哪一家的"))
                elif other.whose != group.whose:
                    told = _("第 %(row)d 行另一家企业也是这个资格证书编号，请先弄清是哪一家的") % {"row": other.number}
                    self.fault(row, "product_number", told)

    def _tell_proposed(self) -> None:
        """What was taken by the words of a title, and numbers that are written wrong."""
        for group in self.fresh:
            draft, row = group.read.draft, group.rows[0]
            if row.kind is None:
                self.notices.add(_("没有写种类，按荣誉名称认作“%(kind)s”") % {"kind": draft.kind.label}, row.number)
            for line, _item, verdict in group.lines:
                if verdict is not None and verdict.answer is Answer.DOES_NOT_FIT:
                    told = _("编号写法对不上，核对前要更正：%(why)s") % {"why": decided_by(verdict).rstrip("。")}
                    self.notices.add(told, line.number)


def _key(firm: FirmDraft) -> str:
    return inner_code(firm.code) or folded_name(firm.name)


def _draft(row: HonourRow) -> HonourDraft:
    kind = row.kind or kind_said(row.title)
    product, number = row.product or "", row.product_number or ""
    items = [ItemDraft(_item_kind(row, kind), product, number)] if product or number else []
    return HonourDraft(
        firm=FirmDraft(row.firm, row.firm_code or ""), title=row.title, kind=kind, level=row.level or level_said(row.title),
        body=row.body or "", items=items, trade_mark=row.trade_mark or "", approval_no=row.approval_no or "",
        issued_on=row.issued_on, expires_on=row.expires_on, source=row.source, source_page=row.source_page or "",
        source_on=row.source_on, again=row.again or "",
    )  # fmt: skip


def _item_kind(row: HonourRow, kind: HonourKind) -> ItemKind:
    if not row.product:
        return ItemKind.LICENCE if kind is HonourKind.LICENCE else ItemKind.CERTIFICATE
    return {HonourKind.SPOT_CHECK: ItemKind.INSPECTED, HonourKind.CASE: ItemKind.WORK}.get(kind, ItemKind.PRODUCT)


def _printed(cells: Mapping[str, str]) -> str:
    return "　".join(f"{heading}：{text}" for heading, text in cells.items())


def _shown(firm: Firm) -> str:
    return " ".join(filter(None, (firm.name, firm.code or str(_("没有代码")), str(firm.place or ""))))


def _says(entry: Entry) -> tuple[object, ...]:
    """What an honour on record says, whatever paper it is from."""
    v: HonourVersion = entry.version
    lines = [(item.name, item.number_as_read) for item in entry.items]
    return (
        v.kind,
        v.level,
        v.body.name if v.body else "",
        v.issued_on,
        v.expires_on,
        v.approval_no,
        v.trade_mark,
        sorted(lines),
    )


def _said(read: ReadDraft) -> tuple[object, ...]:
    d = read.draft
    lines = [(item.name, verdict.read_as if verdict else "") for item, verdict in read.lines]
    return (d.kind, d.level, d.body, d.issued_on, d.expires_on, d.approval_no, d.trade_mark, sorted(lines))
