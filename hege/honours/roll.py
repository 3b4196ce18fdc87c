"""The roll (荣誉榜) as anybody sees it: what is on it, by words, state and sort; and as text that reads back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from hege.honours.intake import reading
from hege.honours.models import Honour, HonourItem, HonourStep, HonourVersion
from hege.honours.queries import Entry, items_of
from hege.honours.rules import THINGS, HonourKind, HonourState, ItemKind, Seen
from hege.kernel.counted import COUNTED, Counted, RowCount
from hege.kernel.grouped import grouped
from hege.kernel.prepared import prepared
from hege.people.models import Street
from hege.search.queries import FoundThings
from hege.search.rules import Found, needles

#: How the search index calls what the roll lists.
ON_THE_ROLL = "honours.honour"
#: What the roll lists, each state by itself.
LISTED = (HonourState.PUBLISHED, HonourState.IN_PUBLICITY, HonourState.EXPIRED, HonourState.WITHDRAWN)

#: So many are listed at once, the newest: twenty pages, which nobody turns; who seeks another writes a word of it.
NEWEST = 500


def found_by(entry: Entry) -> Found:
    """What an entry of the roll is found by: firm, title, trade mark, products, numbers as printed and as read, who gave it."""
    said = entry.version
    firm = entry.honour.firm
    words = [firm.name, firm.code, said.title, said.trade_mark, said.approval_no, said.body.name if said.body else ""]
    for item in entry.items:
        words += [item.name, item.number_as_printed, item.number_as_read]
    return Found(" ".join(filter(None, words)), [f"state_{entry.honour.state}"])


# -- which streets, and what stands on the roll of one -------------------------------------------------------------------


def streets_with_a_roll() -> list[Street]:
    """The streets whose roll lists something, by code."""
    listed = Honour.objects.filter(street=OuterRef("pk"), state__in=LISTED)
    return list(Street.objects.filter(Exists(listed)).order_by("code"))


@dataclass(frozen=True, slots=True)
class Roll:
    """A street's roll under a search: what it lists, in its order, by key, with sort and firm; and how many each state has.

    Of a roll longer than ``NEWEST`` the newest are listed. Those that were pasted last come first, as they were printed.
    """

    street: Street
    counts: Mapping[HonourState, Counted]
    found: Sequence[tuple[int, HonourKind, int]]

    @property
    def kinds(self) -> dict[HonourKind, int]:
        """How many there are of each sort, in the order of the sorts."""
        sorts = [kind for _key, kind, _firm in self.found]
        return {kind: sorts.count(kind) for kind in HonourKind if kind in sorts}

    def of_kind(self, kind: HonourKind | None) -> list[int]:
        """The keys of one sort, or of all."""
        return [key for key, its, _firm in self.found if kind in (None, its)]

    @property
    def firms(self) -> int:
        """How many firms they are of."""
        return len({firm for _key, _kind, firm in self.found})

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are listed."""
        return len(self.found) > NEWEST


def the_roll(code: str, *, words: str = "", state: HonourState = HonourState.PUBLISHED) -> Roll | None:
    """The roll of the street with a code, None without one; two statements."""
    street = next(iter(_street_and_counts(code)), None)
    if street is None:
        return None
    # Not ordered by the database: SQLite would go through all versions of the street, in the order that is asked for.
    found = sorted(
        _found(street, words, state).values_list("clipping_id", "honour_id", "kind", "honour__firm_id"),
        key=lambda row: (row[0] is None, -(row[0] or 0), row[1]),
    )
    counts = {one: Counted.of(getattr(street, f"n_{one}")) for one in LISTED}
    return Roll(street, counts, [(key, HonourKind(kind), firm) for _clipping, key, kind, firm in found])


def _found(street: Street, words: str, state: HonourState) -> QuerySet[HonourVersion]:
    rows = HonourVersion.objects.filter(street=street, number=F("honour__version"))
    if needles(words):
        keys = FoundThings(street, ON_THE_ROLL, words, narrowed=[f"state_{state.value}"], most=NEWEST + 1)
        return rows.filter(honour__in=keys)
    newest = Honour.objects.filter(street=street, state=state).order_by("-pk")[: NEWEST + 1]
    return rows.filter(honour__in=newest.values("pk"))


@prepared
def _street_and_counts(code: str) -> QuerySet[Street]:
    rows = Honour.objects.filter(street=OuterRef("pk")).order_by()
    counts = {f"n_{one}": RowCount(rows.filter(state=one).values("pk")[: COUNTED + 1]) for one in LISTED}
    return Street.objects.annotate(**counts).filter(code=code)


@dataclass(frozen=True, slots=True)
class OnRoll:
    """An entry of the roll, and what the second person had seen of it."""

    entry: Entry
    seen: Seen


def on_roll(street: Street, keys: Collection[int]) -> list[OnRoll]:
    """Some entries of a street's roll, in the order of their keys; two statements."""
    found = {version.honour_id: version for version in _versions_on_roll(street.pk, list(keys))} if keys else {}
    versions = [found[key] for key in keys if key in found]
    if not versions:
        return []
    items = grouped((item.version_id, item) for item in items_of([version.pk for version in versions]))
    return [OnRoll(Entry(one, items[one.pk]), Seen(one.was_seen or Seen.SOURCE)) for one in versions]


@prepared
def _versions_on_roll(street: int, keys: Sequence[int]) -> QuerySet[Any]:
    steps = HonourStep.objects.filter(version=OuterRef("pk"), to=HonourState.CHECKED).order_by("pk")
    rows = HonourVersion.objects.that_count().filter(street=street, honour__pk__in=keys)
    found: QuerySet[Any] = rows.annotate(was_seen=Subquery(steps.values("seen")[:1]))
    return found


# -- as text -------------------------------------------------------------------------------------------------------------


def text_of(some: Sequence[Entry]) -> str:
    """Entries as the text of a table with four columns, that ``reading.read_clipping`` reads back."""
    return reading.clipping_text([as_printed(entry) for entry in some])


def as_printed(entry: Entry) -> reading.Entry:
    """An entry as a newspaper prints it."""
    lines = tuple(_line(item) for item in entry.items)
    return reading.Entry(entry.honour.firm.name, entry.version.title, entry.version.trade_mark, lines)


def _line(item: HonourItem) -> reading.Item:
    """A line; what stood before a number of the firm is kept as its name."""
    kind = ItemKind(item.kind)
    if kind in THINGS:
        return reading.Item(kind, item.name, item.number_as_printed)
    return reading.Item(kind, "", item.number_as_printed, item.name or str(kind.label))
