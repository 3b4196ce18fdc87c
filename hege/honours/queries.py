"""What is known of honours: how each stands, what it said before, who else has its number, what the roll shows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from hege.honours.intake import reading
from hege.honours.models import (
    AwardingBody,
    Badge,
    Clipping,
    ClippingDecision,
    Firm,
    Honour,
    HonourItem,
    HonourSetting,
    HonourStep,
    HonourVersion,
    NumberPattern,
    Objection,
    Objector,
)
from hege.honours.numbers.rules import Answer, Kind, Pattern, Reason, Verdict, check
from hege.honours.numbers.templates import Template
from hege.honours.rules import (
    DEFAULT_SETTINGS,
    OPEN_TO_OBJECTION,
    Decision,
    FirmDraft,
    HonourDraft,
    HonourKind,
    HonourState,
    ItemDraft,
    ItemKind,
    SettingKind,
    Stands,
    check_draft,
    folded_name,
    inner_code,
    kind_said,
    level_said,
    likeness,
)
from hege.kernel.counted import RowCount
from hege.kernel.grouped import grouped
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused
from hege.people.models import Membership, Role, Street

BATCH = 500
_CODES = (Kind.USCC, Kind.ORGANISATION_CODE)
#: Of these a number is nobody else's concern any more.
_GONE = (HonourState.WITHDRAWN, HonourState.DROPPED)
#: What anybody may see of an honour by its address; later states too, once it was shown.
_SHOWN_STEPS = (HonourState.IN_PUBLICITY, HonourState.PUBLISHED)


# -- settings, patterns, firms -------------------------------------------------------------------------------------------


def settings_of(street: Street) -> dict[SettingKind, int]:
    """What an office's roll goes by (荣誉榜设置), in days."""
    own = HonourSetting.objects.filter(street=street).values_list("kind", "value")
    return {**DEFAULT_SETTINGS, **{SettingKind(kind): value for kind, value in own}}


def patterns_of(street: Street) -> list[NumberPattern]:
    """The number patterns an office has added and not ended, by name."""
    return list(NumberPattern.objects.filter(street=street, ended_at__isnull=True).order_by("name"))


def patterns_for(street: Street) -> list[Pattern]:
    """The same, as numbers are checked by them."""
    return [Pattern(row.name, Template(row.template)) for row in patterns_of(street)]


@dataclass(frozen=True, slots=True)
class FirmMatch:
    """Which firm a draft's may be: ``sure`` by its code or by choice; else those with the same name, to be offered."""

    sure: Firm | None
    same_name: Sequence[Firm] = ()


def match_firms(street: Street, drafts: Collection[FirmDraft]) -> dict[FirmDraft, FirmMatch]:
    """The firms that drafts may be of; two statements for each 500 of them. A name alone is never sure."""
    by_pk, by_code = dict[int, Firm](), dict[str, Firm]()
    by_name = defaultdict[str, list[Firm]](list)
    some = list(dict.fromkeys(drafts))
    for first in range(0, len(some), BATCH):
        part = some[first : first + BATCH]
        known = [draft.known for draft in part if draft.known is not None]
        codes = [inner_code(draft.code) for draft in part if draft.code]
        rows = Firm.objects.filter(street=street)
        for firm in rows.filter(Q(pk__in=known) | Q(organisation_code__in=codes)):
            by_pk[firm.pk] = by_code[firm.organisation_code] = firm
        for firm in rows.filter(folded__in={folded_name(draft.name) for draft in part}).order_by("pk"):
            if firm not in by_name[firm.folded]:
                by_name[firm.folded].append(firm)
    return {draft: _match(draft, by_pk, by_code, by_name[folded_name(draft.name)]) for draft in some}


def _match(
    draft: FirmDraft, by_pk: Mapping[int, Firm], by_code: Mapping[str, Firm], same_name: Sequence[Firm]
) -> FirmMatch:
    if draft.known is not None:
        return FirmMatch(by_pk.get(draft.known), same_name)
    if draft.code and (found := by_code.get(inner_code(draft.code))):
        return FirmMatch(found, same_name)
    return FirmMatch(None, [firm for firm in same_name if not (draft.code and firm.code)])


def bodies_of(street: Street) -> list[AwardingBody]:
    """The awarding bodies of a street, by name."""
    return list(AwardingBody.objects.filter(street=street).order_by("name"))


def the_firm(street: Street, public_id: str) -> Firm | None:
    """A firm by its public id."""
    return Firm.objects.filter(street=street, public_id=public_id).select_related("street__trail_head").first()


# -- honours -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of an honour with its lines; ``version.honour.firm`` and ``version.body`` are read along."""

    version: HonourVersion
    items: Sequence[HonourItem]

    @property
    def honour(self) -> Honour:
        return self.version.honour


def honours_of(street: Street, *states: HonourState) -> list[HonourVersion]:
    """What a street's honours in some states say now, the oldest draft first; for the list of what waits."""
    rows = HonourVersion.objects.that_count().filter(street=street, honour__state__in=states)
    return list(rows.select_related("honour__firm", "body", "by").order_by("honour_id"))


def counts_of(street: Street) -> dict[HonourState, int]:
    """How many of a street's honours are in each state."""
    rows = Honour.objects.filter(street=street).order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(HonourState, 0) | {HonourState(state): n for state, n in rows}


def the_honour(street: Street, public_id: str) -> Honour | None:
    """An honour by its public id, for who works on it."""
    return (
        Honour.objects.filter(street=street, public_id=public_id).select_related("street__trail_head", "firm").first()
    )


def some_honours(street: Street, keys: Sequence[int]) -> list[Honour]:
    """Some of a street's honours by their keys, with their firms."""
    rows = Honour.objects.filter(street=street).select_related("firm").order_by("pk")
    return [h for n in range(0, len(keys), BATCH) for h in rows.filter(pk__in=keys[n : n + BATCH])]


def entries(versions: Iterable[HonourVersion]) -> list[Entry]:
    """Some versions with their lines; one query."""
    some = list(versions)
    rows = HonourItem.objects.filter(version__in=[version.pk for version in some]).order_by("pk")
    items = grouped((item.version_id, item) for item in rows)
    return [Entry(version, items[version.pk]) for version in some]


@dataclass(frozen=True, slots=True)
class History:
    """All of an honour: its versions, the first one first, the steps they took in order, and what was signed of them."""

    versions: Sequence[Entry]
    steps: Sequence[HonourStep]
    badges: Mapping[int, Badge]

    @property
    def now(self) -> Entry:
        """What counts."""
        return self.versions[-1]

    @property
    def honour(self) -> Honour:
        return self.now.honour

    @property
    def badge(self) -> Badge | None:
        """What was signed of the version that counts."""
        return self.badges.get(self.now.version.pk)

    def step(self, to: HonourState) -> HonourStep | None:
        """The last step to a state."""
        return next((step for step in reversed(self.steps) if step.to == to), None)


def history_of(honour: Honour) -> History:
    """All of an honour; three statements."""
    rows = HonourVersion.objects.filter(street=honour.street_id, honour=honour).select_related("by")
    versions = list(_with_badges(rows).select_related("honour__street__trail_head"))
    steps = HonourStep.objects.filter(version__in=[version.pk for version in versions]).select_related("by")
    return _history(entries(versions), steps.order_by("pk"))


def shown_honour(public_id: str) -> History | None:
    """All of an honour that anybody may see by its address: one that is, or was, in publicity or on the roll. Three
    statements, and no street: the address is on a printed code. Each version says how often it was ``objected`` to, and when
    first."""
    versions = _shown_versions(public_id)
    if not versions:
        return None
    items = grouped((item.version_id, item) for item in items_of([version.pk for version in versions]))
    steps = _steps_of(versions[0].honour_id)
    history = _history([Entry(version, items[version.pk]) for version in versions], steps)
    return history if was_shown(history) else None


def was_shown(history: History) -> bool:
    """Whether anybody may see it by its address: it is, or was, in publicity or on the roll."""
    return any(step.to in _SHOWN_STEPS for step in history.steps)


@prepared
def _shown_versions(public_id: str) -> QuerySet[HonourVersion]:
    said = Objection.objects.filter(version=OuterRef("pk")).order_by("at")
    objected = {"objected": RowCount(said.order_by().values("pk")), "objected_at": Subquery(said.values("at")[:1])}
    return _with_badges(HonourVersion.objects.filter(honour__public_id=public_id).annotate(**objected))


@prepared
def items_of(versions: Sequence[int]) -> QuerySet[HonourItem]:
    """The lines of some versions by their keys, in order."""
    return HonourItem.objects.filter(version__pk__in=versions).order_by("pk")


@prepared
def _steps_of(honour: int) -> QuerySet[HonourStep]:
    return HonourStep.objects.filter(honour=honour).order_by("pk")


def _with_badges(rows: QuerySet[HonourVersion]) -> QuerySet[HonourVersion]:
    return rows.select_related("honour__firm", "honour__street", "body", "badge").order_by("number")


def _history(versions: Sequence[Entry], steps: Iterable[HonourStep]) -> History:
    badges = {entry.version.pk: entry.version.badge for entry in versions if hasattr(entry.version, "badge")}
    return History(versions, list(steps), badges)


def checks_of(entry: Entry, *, on: dt.date, patterns: Sequence[Pattern] = ()) -> list[tuple[HonourItem, Verdict]]:
    """What can be said of each number of an entry as it is written (核写法)."""
    return [(item, _verdict(item, entry, on, patterns)) for item in entry.items if item.number_as_printed]


def _verdict(item: HonourItem, entry: Entry, on: dt.date, patterns: Sequence[Pattern]) -> Verdict:
    kind = Kind(item.number_kind) if item.number_kind else None
    return check(item.number_as_printed, kind=kind, firm_code=entry.honour.firm.code, on=on, patterns=patterns)


@dataclass(frozen=True, slots=True)
class ReadDraft:
    """A draft with its words tidied, and each of its lines with what can be said of its number, if it has one."""

    draft: HonourDraft
    lines: Sequence[tuple[ItemDraft, Verdict | None]]

    @property
    def numbers(self) -> list[str]:
        """The numbers as they are read."""
        return [verdict.read_as for _item, verdict in self.lines if verdict]

    @property
    def licences(self) -> list[str]:
        """Those that one firm alone can have."""
        kind = self.draft.kind
        return [
            verdict.read_as
            for item, verdict in self.lines
            if verdict and verdict.read_as and is_licence(item.kind, verdict.kind, kind)
        ]


def read_draft(draft: HonourDraft, *, on: dt.date, patterns: Sequence[Pattern] = ()) -> ReadDraft:
    """A draft as it would be kept, for a preview and for the act; ``Refused`` where it is not whole. No statement."""
    check_draft(draft, today=on)
    tidied: dict[str, Any] = {name: " ".join(getattr(draft, name).split()) for name in _ONE_LINE}
    name, code = " ".join(draft.firm.name.split()), read_code(draft.firm.code, on=on)
    lines = []
    for item in draft.items:
        kind = Kind(item.number_kind) if item.number_kind else None
        printed = item.number.strip()
        verdict = check(printed, kind=kind, firm_code=code, on=on, patterns=patterns) if printed else None
        if verdict and verdict.reason is Reason.PERSONAL:
            raise Refused(_("这像是个人的证件号码，不能录入；请填证书或企业的号码。"), field="number")
        lines.append((replace(item, name=" ".join(item.name.split()), number=printed), verdict))
    return ReadDraft(replace(draft, firm=replace(draft.firm, name=name, code=code), **tidied), lines)


_ONE_LINE = ("title", "source", "source_page", "approval_no", "trade_mark", "body")


def read_code(code: str, *, on: dt.date) -> str:
    """A firm's code as it is read; ``Refused`` where it is neither of the two kinds or its check digit is wrong."""
    if not code.strip():
        return ""
    for kind in _CODES:
        verdict = check(code, kind=kind, on=on)
        if len(verdict.read_as) == (18 if kind is Kind.USCC else 9) and verdict.answer is not Answer.DOES_NOT_FIT:
            return verdict.read_as
    raise Refused(
        _("企业代码“%(code)s”写法对不上，请核对营业执照上的 18 位代码，或者原来的 9 位代码。"), code=code.strip(), field="code"
    )  # fmt: skip


# -- how they stand ------------------------------------------------------------------------------------------------------


def stands_of(street: Street, versions: Sequence[HonourVersion], *, on: dt.date) -> dict[int, Stands]:
    """How honours stand on a day, by key, all that ``rules.check_act`` asks; at most seven statements, however many.

    ``versions``: those that count, as ``honours_of`` answers them.
    """
    found = entries(versions)
    patterns = patterns_for(street)
    objections = _objections(street, versions)
    settled = _settled(street, found)
    taken = twins_of(street, found)
    out = {}
    for entry in found:
        version, honour = entry.version, entry.honour
        opened, upheld = objections[version.pk]
        misfits = [
            item.number_as_printed
            for item, verdict in checks_of(entry, on=on, patterns=patterns)
            if verdict.answer is Answer.DOES_NOT_FIT
        ]
        licences = {
            item.number_as_read for item in entry.items if is_licence(item.kind, item.number_kind, version.kind)
        }
        out[honour.pk] = Stands(
            state=HonourState(honour.state), today=on, drafted_by=version.by_id, shown_until_on=honour.shown_until_on,
            expires_on=version.expires_on, settled=honour.pk in settled, open_objections=opened,
            upheld_objections=upheld, misfits=misfits, taken=sorted(licences & taken[honour.pk].keys()),
        )  # fmt: skip
    return out


def current(honour: Honour) -> HonourVersion:
    """The version of an honour that counts."""
    rows = HonourVersion.objects.select_related("body")
    found: HonourVersion = rows.get(street=honour.street_id, honour=honour, number=honour.version)
    found.honour = honour
    return found


def stands(honour: Honour, *, on: dt.date) -> Stands:
    """How one honour stands on a day."""
    return stands_of(honour.street, [current(honour)], on=on)[honour.pk]


def is_licence(item_kind: str, number_kind: str, honour_kind: str) -> bool:
    """Whether a number is of a licence, which one firm alone can have."""
    return number_kind == Kind.E_LICENCE or item_kind == ItemKind.LICENCE or (
        honour_kind == HonourKind.LICENCE and item_kind != ItemKind.FIRM_CODE
    )  # fmt: skip


def _objections(street: Street, versions: Iterable[HonourVersion]) -> Mapping[int, tuple[int, int]]:
    """How many objections to each version are open, and how many were upheld."""
    rows = Objection.objects.filter(street=street, version__in=[version.pk for version in versions])
    out: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for pk, decision in rows.values_list("version_id", "decided__decision"):
        opened, upheld = out[pk]
        out[pk] = opened + (decision is None), upheld + (decision == Decision.UPHELD)
    return out


def _settled(street: Street, found: Sequence[Entry]) -> set[int]:
    """Which honours say what an earlier version said when it went on the roll."""
    corrected = {entry.honour.pk: entry for entry in found if entry.version.number > 1}
    if not corrected:
        return set()
    steps = HonourStep.objects.filter(street=street, honour__in=corrected, to=HonourState.PUBLISHED)
    before = HonourVersion.objects.filter(street=street, pk__in=steps.values("version")).select_related("honour__firm")
    latest = {entry.honour.pk: entry for entry in entries(before.order_by("number"))}
    return {pk for pk, entry in latest.items() if _says(entry) == _says(corrected[pk])}


def _says(entry: Entry) -> tuple[object, ...]:
    """What of an honour has to be in publicity; its days, its source and its spelling have not."""
    said = entry.version
    items = sorted((item.kind, item.name, item.number_as_read) for item in entry.items)
    return said.title, said.kind, said.level, said.body_id, said.trade_mark, said.approval_no, items


def twins_of(street: Street, found: Sequence[Entry]) -> Mapping[int, Mapping[str, list[HonourVersion]]]:
    """The honours of other firms that have a number of these, by honour and number as read: both reviewers are shown them."""
    numbers = {item.number_as_read for entry in found for item in entry.items if item.number_as_read}
    others = defaultdict[str, list[HonourVersion]](list)
    for item in _standing_items(street, numbers):
        others[item.number_as_read].append(item.version)
    out: dict[int, dict[str, list[HonourVersion]]] = defaultdict(dict)
    for entry in found:
        for number in {item.number_as_read for item in entry.items if item.number_as_read}:
            strangers = [other for other in others[number] if other.honour.firm_id != entry.honour.firm_id]
            if strangers:
                out[entry.honour.pk][number] = strangers
    return out


def _standing_items(street: Street, numbers: Collection[str]) -> Iterator[HonourItem]:
    """The lines with some numbers of versions that count, of honours nobody has given up."""
    some = sorted(numbers)
    for first in range(0, len(some), BATCH):
        rows = HonourItem.objects.counting().filter(street=street, number_as_read__in=some[first : first + BATCH])
        yield from rows.exclude(version__honour__state__in=_GONE)


def licences_taken(street: Street, numbers: Collection[str]) -> dict[str, set[int]]:
    """The firms that have some licence numbers, by number."""
    out: dict[str, set[int]] = defaultdict(set)
    for item in _standing_items(street, numbers):
        if is_licence(item.kind, item.number_kind, item.version.kind):
            out[item.number_as_read].add(item.version.honour.firm_id)
    return out


def entries_like(street: Street, likenesses: Collection[str]) -> dict[str, Honour]:
    """The honours that some drafts would say again, by likeness: one that stands before one that was withdrawn, none that was
    never taken up."""
    some, out = sorted(likenesses), dict[str, Honour]()
    for first in range(0, len(some), BATCH):
        rows = Honour.objects.filter(street=street, likeness__in=some[first : first + BATCH])
        for honour in rows.exclude(state=HonourState.DROPPED).select_related("firm").order_by("pk"):
            before = out.get(honour.likeness)
            if before is None or before.state == HonourState.WITHDRAWN:
                out[honour.likeness] = honour
    return out


def said_before(street: Street, firms: Collection[int]) -> dict[str, list[Entry]]:
    """Every version of the honours of some firms, by what it has in common with another of the same (``rules.likeness``),
    the last one first: what was corrected since is known by its former words too."""
    some, out = sorted(firms), defaultdict[str, list[Entry]](list)
    for first in range(0, len(some), BATCH):
        rows = HonourVersion.objects.filter(street=street, honour__firm__in=some[first : first + BATCH])
        versions = list(rows.select_related("honour", "body").order_by("-pk"))
        for lot in range(0, len(versions), BATCH):
            for entry in entries(versions[lot : lot + BATCH]):
                numbers = [item.number_as_read for item in entry.items]
                out[likeness(entry.honour.firm_id, entry.version.title, numbers)].append(entry)
    return out


# -- objections ----------------------------------------------------------------------------------------------------------


def objections_of(honour: Honour) -> list[Objection]:
    """What was held against an honour, with what became of it; nothing of who said so."""
    rows = Objection.objects.filter(street=honour.street_id, honour=honour).select_related("decided__by", "version")
    return list(rows.order_by("pk"))


def objections_since(honour: Honour, since: dt.datetime) -> int:
    """How many objections to an honour came since an instant."""
    return Objection.objects.filter(street=honour.street_id, honour=honour, at__gte=since).count()


def open_objections(street: Street) -> list[Objection]:
    """Objections that wait for a decision, the oldest first."""
    rows = Objection.objects.filter(street=street, decided__isnull=True, honour__state__in=OPEN_TO_OBJECTION)
    return list(rows.select_related("honour__firm", "version").order_by("pk"))


def the_objection(street: Street, public_id: str) -> Objection | None:
    """An objection by its public id."""
    rows = Objection.objects.filter(street=street, public_id=public_id)
    return rows.select_related("street__trail_head", "honour__firm", "version", "decided__by").first()


def objector_of(objection: Objection, *, for_member: Membership) -> Objector | None:
    """Who objected (异议人), for a coordinator of its street; ``PermissionError`` for everybody else.

    The only query that tells. Pages go through ``actions.look_up_objector``, which puts the look on the trail.
    """
    if for_member.role != Role.COORDINATOR or for_member.street_id != objection.street_id:
        raise PermissionError("only a coordinator may learn who objected")
    return Objector.objects.filter(street=objection.street_id, objection=objection).first()


# -- clippings -----------------------------------------------------------------------------------------------------------


def the_clipping(street: Street, public_id: str) -> Clipping | None:
    """A clipping by its public id."""
    return Clipping.objects.filter(street=street, public_id=public_id).select_related("street__trail_head").first()


def clippings_of(street: Street) -> list[Clipping]:
    """A street's clippings, the newest first, without their text."""
    return list(Clipping.objects.filter(street=street).select_related("by").defer("text").order_by("-pk")[:BATCH])


def decisions_of(clipping: Clipping) -> dict[tuple[int, str], str]:
    """What persons said to the doubts of a clipping, the later word of each."""
    rows = ClippingDecision.objects.filter(street=clipping.street_id, clipping=clipping).order_by("pk")
    return {(cell, doubt): choice for cell, doubt, choice in rows.values_list("cell", "doubt", "choice")}


def read(clipping: Clipping) -> reading.Clipping:
    """A clipping as it is read with what persons have said."""
    return reading.read_clipping(clipping.text, decisions_of(clipping))


def drafted_cells(clipping: Clipping) -> dict[int, list[Honour]]:
    """The honours that were drafted from a clipping, by cell."""
    rows = HonourVersion.objects.filter(street=clipping.street_id, clipping=clipping, number=1).select_related("honour")
    return grouped((version.cell, version.honour) for version in rows.order_by("pk"))


def drafts_of(clipping: Clipping, *, code_on: dt.date) -> list[HonourDraft]:
    """What a clipping says as drafts, for somebody to look over: of the cells about which nothing is open, and not drafted yet.

    Sort and level are proposed by the words of the title; a firm's code is taken where it fits on the day ``code_on``.
    """
    done = drafted_cells(clipping)
    return [
        _draft(clipping, cell, entry, code_on)
        for cell in read(clipping).cells
        if not cell.is_open and not done[cell.number]
        for entry in cell.entries
    ]


def _draft(clipping: Clipping, cell: reading.Cell, entry: reading.Entry, on: dt.date) -> HonourDraft:
    items = [_item(item) for item in entry.items]
    codes = [check(item.number, firm_code="", on=on) for item in items if item.kind is ItemKind.FIRM_CODE]
    fitting = [verdict.read_as for verdict in codes if verdict.answer is Answer.FITS and verdict.kind in _CODES]
    return HonourDraft(
        firm=FirmDraft(entry.firm, next(iter(fitting), "")), title=entry.title, kind=kind_said(entry.title),
        level=level_said(entry.title), items=items, trade_mark=entry.trade_mark, source=clipping.source,
        source_page=clipping.source_page, source_on=clipping.source_on, as_printed=cell.text, cell=cell.number,
    )  # fmt: skip


def _item(item: reading.Item) -> ItemDraft:
    """A line as it is kept: of a number of the firm, the label it stood behind is its name."""
    return ItemDraft(item.kind, item.name or item.label, item.number)


def check_cells(clipping: Clipping, cells: Collection[int | None]) -> None:
    """Whether some cells of a clipping may be drafted: nothing about them is open, and nobody has drafted them."""
    waiting = {cell.number for cell in read(clipping).cells if cell.is_open}
    done = {cell for cell, made in drafted_cells(clipping).items() if made}
    for cell in sorted(cell for cell in cells if cell is not None):
        if cell in waiting:
            raise Refused(_("第 %(cell)d 格还有疑点没有定。"), cell=cell, field="cell")
        if cell in done:
            raise Refused(_("第 %(cell)d 格已经录入过。"), cell=cell, field="cell")


# -- what a day brings ---------------------------------------------------------------------------------------------------


def expired(street: Street, *, on: dt.date) -> list[Honour]:
    """The honours on the roll whose last day is over."""
    rows = HonourVersion.objects.that_count().filter(
        street=street, honour__state=HonourState.PUBLISHED, expires_on__lt=on
    )
    return [version.honour for version in rows.order_by("honour_id")]


def expiring(street: Street, *, on: dt.date) -> list[tuple[HonourVersion, int]]:
    """The honours on the roll that end soon, with the term of the reminder that is due: the last one, else the first."""
    terms = settings_of(street)
    first, last = terms[SettingKind.FIRST_REMINDER_DAYS], terms[SettingKind.LAST_REMINDER_DAYS]
    until = on + dt.timedelta(days=max(first, last))
    rows = HonourVersion.objects.that_count().filter(
        street=street, honour__state=HonourState.PUBLISHED, expires_on__gte=on, expires_on__lte=until
    )
    return [
        (version, last if (version.expires_on - on).days <= last else first)
        for version in rows.order_by("expires_on", "pk")
        if (version.expires_on - on).days <= max(first, last)
    ]


def shown_long_enough(street: Street, *, on: dt.date) -> list[HonourVersion]:
    """The honours whose publicity is over: they wait for whoever puts them on the roll."""
    rows = HonourVersion.objects.that_count().filter(
        street=street, honour__state=HonourState.IN_PUBLICITY, honour__shown_until_on__lte=on
    )
    return list(rows.order_by("honour_id"))


# -- signed --------------------------------------------------------------------------------------------------------------


def revoked_places(street: Street) -> list[int]:
    """The places of a street's status list that are set: of badges whose honour was withdrawn, or whose version no longer
    counts."""
    rows = Badge.objects.filter(street=street).exclude(
        version__number=F("version__honour__version"),
        version__honour__state__in=[HonourState.PUBLISHED, HonourState.EXPIRED],
    )
    return list(rows.order_by("place").values_list("place", flat=True))


def last_place(street: Street) -> int | None:
    """The last place of a street's status lists that a badge has taken; None before the first badge."""
    found: int | None = Badge.objects.filter(street=street).aggregate(last=Max("place"))["last"]
    return found
