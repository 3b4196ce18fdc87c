"""Reading the trail and proving that it is whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.utils import DatabaseError
from django.utils.translation import gettext_lazy as _

from hege.kernel import seal
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of, start_of
from hege.kernel.database import atomic
from hege.kernel.mutability import append_only_models, watched_models
from hege.kernel.prepared import prepared
from hege.kernel.refused import Stale
from hege.kernel.statistics import filled
from hege.people.models import Organisation, RecoveryCode, SecondFactor, Street, User
from hege.trail.models import IdempotencyKey, TrailHead, TrailLine, Upkeep, UpkeepKind, Witness, expected_hash
from hege.trail.rules import (
    CHANGE_KEY,
    ENOUGH,
    MARK,
    SEAL_ANEW,
    Head,
    Lost,
    Said,
    check_key_at_hand,
    follow_fault,
    head_fault,
    plain,
    row_mark,
)

CHUNK = 2000
SHORT = 2_000  # lines: a trail of so many is read at once
SOME = 20  # of one kind of fault are named; more would bury the others


def of(thing: models.Model, *, street: Street) -> models.QuerySet[TrailLine]:
    """The lines about one thing, newest first."""
    return (
        TrailLine.objects.filter(street=street, thing=seal.known_as(thing._meta.model), thing_id=str(thing.pk))
        .select_related("by")
        .order_by("-seq")
    )


def has_run(kind: UpkeepKind, *, on: dt.date) -> bool:
    """Whether something that keeps the installation well has run on a day."""
    last = last_run_at(kind)
    return last is not None and day_of(last) == on


def last_run_at(kind: UpkeepKind) -> dt.datetime | None:
    """When something that keeps the installation well ran last, be it in vain."""
    return Upkeep.objects.filter(kind=kind).order_by("-at", "-pk").values_list("at", flat=True).first()


def proven_copies() -> list[str]:
    """The names of the copies that drills have proven good, the last one first."""
    drills = Upkeep.objects.filter(kind=UpkeepKind.DRILL, well=True).order_by("-at", "-pk")
    return [str(data.get("file", "")) for data in drills.values_list("data", flat=True)]


def known_head(street: Street) -> TrailHead | None:
    """The head as it was read together with the street; None where it was not. It may have moved on since."""
    return getattr(street, "trail_head", None) if Street.trail_head.is_cached(street) else None


def answered(key: str, *, asked: str, by: User | AnonymousUser | None) -> str | None:
    """What a form with this idempotency key was answered when it was done; None while it was not.

    ``Stale`` where another person sent it, or with another wish.
    """
    found = next(iter(_answered(key)), None)
    if found is None:
        return None
    if found[:2] != (asked, by.pk if by is not None else None):
        raise Stale(_("这张表单已经提交过。要再办一次，请重新打开页面填写。"))
    return str(found[2])


def was_answered(key: str) -> bool:
    """Whether a form with this idempotency key was done."""
    return bool(_answered(key))


@prepared
def _answered(key: str) -> models.QuerySet[IdempotencyKey, tuple[str, int | None, str]]:
    return IdempotencyKey.objects.filter(key=key).values_list("asked", "by_id", "answer")[:1]


def check_keys_at_hand() -> None:
    """Of every street there is, in whatever tables an older release left it; see ``rules.check_key_at_hand``."""
    try:
        with atomic():
            heads = list(TrailHead.objects.order_by("street__code").values_list("street__code", "key"))
    except DatabaseError:  # no tables yet, or those of a release that had no keys
        return
    for street, key in heads:
        check_key_at_hand(key, settings.SEAL_KEYS, street=street)


def lines_under(
    street: Street, *, who: str = "", verb: str = "", thing: str = "", thing_id: str = "", day: str = ""
) -> models.QuerySet[TrailLine]:
    """The lines that a person (user name) wrote, with a verb, about a thing, on a day as ISO writes it; newest first."""
    wanted = {"by__username": who, "verb": verb, "thing": thing, "thing_id": thing_id}
    rows = TrailLine.objects.filter(street=street, **{name: word for name, word in wanted.items() if word})
    if day:
        on = dt.date.fromisoformat(day)
        rows = rows.filter(at__gte=start_of(on), at__lt=start_of(on + DAY))
    return rows.select_related("by").order_by("-seq")


#: What a line says outside of the database, in its order.
_TOLD = (
    "seq", "recipe", "key", "recorded_at", "at", "by__username", "on_behalf", "verb", "thing", "thing_id", "data",
    "previous", "hash",
)  # fmt: skip


def lines_as_json(street: Street, *, after: int = 0, upto: int | None = None) -> Iterator[tuple[int, str]]:
    """The lines after one and up to another, the oldest first: the number of each, and all it says as JSON."""
    rows = TrailLine.objects.filter(street=street, seq__gt=after, **({} if upto is None else {"seq__lte": upto}))
    for row in rows.order_by("seq").values_list(*_TOLD).iterator(CHUNK):
        said = {"street": street.code} | plain(dict(zip(_TOLD, row, strict=True)))
        yield row[0], json.dumps(said, ensure_ascii=False)


def last_seq(street: Street) -> int:
    """How many lines a street's trail has: as long as it stays so, no act has changed anything there."""
    return next(iter(_last_seq(street)), 0)


@prepared
def _last_seq(street: Street) -> models.QuerySet[TrailHead, int]:
    return TrailHead.objects.filter(street=street).values_list("seq", flat=True)


def moved_on(street: Street, seq: int, *, but: Iterable[str] = ()) -> bool:
    """Whether anything was done in a street since its trail had so many lines, but for what these verbs tell of."""
    return TrailLine.objects.filter(street=street, seq__gt=seq).exclude(verb__in=[*but]).exists()


def last_proof(street: Street) -> TrailLine | None:
    """The line of the last time somebody had the whole chain recomputed, with what was found in its data."""
    return of(street, street=street).filter(verb="prove_trail").first()


@dataclass(frozen=True)
class Chain:
    """What walking a street's chain found: ``faults`` are wrong, ``unchecked`` nobody can tell without a key; ``declared``
    which of those keys an administrator has said to be lost for good, and in which line."""

    faults: list[str]
    unchecked: list[Lost]
    declared: dict[str, int] = field(default_factory=dict)


#: The columns of ``Said`` in its order, read without making a row of each line.
_SAYS = [{"street": "street__code", "by": "by__username"}.get(name, name) for name in Said._fields]


def walk_chain(street: Street, heads: Iterable[Head] = ()) -> Chain:
    """Recompute every hash of a street's chain up to the first broken link, each line by its own recipe and key.

    Then hear the witnesses: the heads kept with backups, and ``heads`` from elsewhere (minutes, print, mail).
    """
    faults: list[str] = []
    lost: dict[str, list[int]] = {}
    declared: dict[str, int] = {}
    before: Said | None = None
    digest = ""
    for said, hashed in _lines(street):
        fault = _line_fault(before, digest, said, hashed, lost)
        if fault:
            faults.append(f"trail {street.code}: {fault}")
            break
        before, digest = said, hashed
        if said.verb == CHANGE_KEY and said.by and said.key in settings.SEAL_KEYS:
            declared[said.data["from"]] = said.seq
    if not faults:
        faults += [f"trail {street.code}: {fault}" for fault in _end_faults(street, before, digest)]
    faults += [f"trail {street.code}: {fault}" for fault in _witness_faults(street, heads)]
    unchecked = [Lost(key, seqs[0], seqs[-1], len(seqs)) for key, seqs in lost.items()]
    return Chain(faults, unchecked, declared)


def _lines(street: Street) -> Iterator[tuple[Said, str]]:
    rows = TrailLine.objects.filter(street=street).order_by("seq").values_list(*_SAYS, "hash")
    for *says, hashed in rows.iterator(CHUNK):
        said = Said(*says)
        yield said._replace(by=said.by or ""), hashed


def _line_fault(before: Said | None, digest: str, said: Said, hashed: str, lost: dict[str, list[int]]) -> str | None:
    """Why a line is not the one that was written after ``before``; lines without key at hand are noted in ``lost``."""
    seq = before.seq + 1 if before else 1
    if said.seq != seq:
        return f"line {seq} is missing"
    expected = expected_hash(said)
    if expected is None:
        lost.setdefault(said.key, []).append(seq)
    if said.previous != digest or expected not in (None, hashed):
        return f"line {seq} was changed"
    fault = follow_fault(before, said)
    return f"line {seq} is out of order: {fault}" if fault else None


def _end_faults(street: Street, last: Said | None, digest: str) -> Iterator[str]:
    """The head is the last line; and that line has a key, or the chain could be written anew without one."""
    head = TrailHead.objects.filter(street=street).first()
    seq = last.seq if last else 0
    end = (seq, digest, last.key if last else "", last.recorded_at if last else None)
    if (head.seq, head.hash, head.key, head.recorded_at) != end if head else seq:
        yield f"its end does not match its head (line {seq})"
    if last and last.recipe == 1:
        yield f"its last line {seq} has no key, though hege migrate ended that"


def _witness_faults(street: Street, heads: Iterable[Head]) -> Iterator[str]:
    kept = Witness.objects.filter(street=street).order_by("pk")
    all_heads = [
        *(Head(w.seq, w.hash, f"{w.kind} {w.note} of {day_of(w.at)}") for w in kept),
        *(head for head in heads if head.street in ("", street.code)),
    ]
    wanted = sorted({head.seq for head in all_heads})
    lines = TrailLine.objects.filter(street=street)
    there: dict[int, str] = {}
    for first in range(0, len(wanted), 500):
        there.update(lines.filter(seq__in=wanted[first : first + 500]).values_list("seq", "hash"))
    last = lines.aggregate(last=models.Max("seq"))["last"] or 0
    for head in all_heads:
        fault = head_fault(head, there.get(head.seq), last)
        if fault:
            yield fault


def began_without_key(street: Street) -> bool:
    """Whether a street's chain began in a release that hashed without a key."""
    return TrailLine.objects.filter(street=street, seq=1, recipe=1).exists()


def waits_for_new_seals(street: Street) -> bool:
    """Whether a street of an older release has not had its rows sealed anew yet; that is done once."""
    done = TrailLine.objects.filter(street=street, verb=SEAL_ANEW)
    return began_without_key(street) and not done.exists()


def sealed_anew(street: Street, what: str) -> dict[int, str]:
    """The beginning of the digest of each thing that was sealed anew, by its key; ``what`` is transactions or papers."""
    lines = TrailLine.objects.filter(street=street, verb=SEAL_ANEW).order_by("seq")
    out: dict[int, str] = {}
    for data in lines.values_list("data", flat=True):
        said = data["anew"][what]
        ids = (pk for first, last in said["ids"] for pk in range(first, last + 1))
        out.update((pk, said["each"][n * ENOUGH : (n + 1) * ENOUGH]) for n, pk in enumerate(ids))
    return out


class Sealed(NamedTuple):
    """What a line of the trail says about rows of one table that its action wrote: their ids and one digest.

    ``key`` is None where it is not at hand: then nobody can tell.
    """

    seq: int
    ids: list[list[int]]
    digest: str
    recipe: int = 1
    key: bytes | None = b""


class Seals:
    """Seals compared with the rows as they go by in the order of their ids: linear, and only open seals are held.

    ``missing`` is what a row that is gone adds to the digest.
    """

    def __init__(self, told: Iterable[Sealed], *, missing: bytes = b"") -> None:
        self._told = list(told)
        spans = sorted((first, last, place) for place, seal in enumerate(self._told) for first, last in seal.ids)
        self._named = ((pk, place) for first, last, place in spans for pk in range(first, last + 1))
        self._left = [sum(last - first + 1 for first, last in seal.ids) for seal in self._told]
        self._open: dict[int, Any] = {}
        self._missing = missing
        self._next = next(self._named, None)
        self.broken: list[Sealed] = []
        self.gone: list[tuple[int, int]] = []
        self.loose: list[int] = []

    def add(self, pk: int, says: Callable[[int], bytes]) -> None:
        """One more row that is there, and what it says by a recipe."""
        self._pass_over(pk)
        if self._next is not None and self._next[0] == pk:
            self._roll(self._next[1], says(self._told[self._next[1]].recipe))
        elif len(self.loose) < SOME:
            self.loose.append(pk)

    def end(self) -> None:
        """All rows have gone by: what is wrong stands in ``broken``, ``gone`` (id and line) and ``loose``."""
        self._pass_over(math.inf)
        self.broken.sort()

    def _pass_over(self, pk: float) -> None:
        while self._next is not None and self._next[0] < pk:
            if len(self.gone) < SOME:
                self.gone.append((self._next[0], self._told[self._next[1]].seq))
            self._roll(self._next[1], self._missing)

    def _roll(self, place: int, says: bytes) -> None:
        told = self._told[place]
        roll = self._open.get(place)
        if roll is None:
            roll = hashlib.sha256() if told.recipe == 1 else hmac.new(told.key or b"", digestmod="sha256")
            self._open[place] = roll
        roll.update(says)
        self._left[place] -= 1
        if not self._left[place] and self._open.pop(place).hexdigest() != told.digest and told.key is not None:
            self.broken.append(told)
        self._next = next(self._named, None)


def _key(name: str) -> bytes | None:
    """The key a line names; None where it is not at hand."""
    return settings.SEAL_KEYS.get(name) if name else b""


def _told(street: Street, model: type[models.Model]) -> Iterator[Sealed]:
    label = seal.known_as(model)
    lines = TrailLine.objects.filter(street=street, data__sealed__has_key=label).order_by("seq")
    for seq, key, data in lines.values_list("seq", "key", "data").iterator(CHUNK):
        yield _sealed(seq, key, data["sealed"][label])


def _sealed(seq: int, key: str, said: Mapping[str, Any]) -> Sealed:
    recipe = said.get("recipe", 1)
    return Sealed(seq, said["ids"], said["digest"], recipe, b"" if recipe == 1 else _key(key))


def ids_told(street: Street, model: type[models.Model]) -> set[int]:
    """The ids of a table's rows that lines of the trail speak of."""
    return _ids(_told(street, model))


def _ids(told: Iterable[Sealed]) -> set[int]:
    return {pk for seal in told for first, last in seal.ids for pk in range(first, last + 1)}


#: The first words of a transaction are sealed with it; a line speaks of those that came later.
BEGUN_ELSEWHERE = {"ledger.evidence"}


class Lines:
    """What the lines of a street say of rows, for who asks it of every table. A short trail is read once for all of them; a long
    one is gone through for each, in little memory."""

    def __init__(self, street: Street) -> None:
        self.street = street

    def sealed(self, model: type[models.Model]) -> Iterable[Sealed]:
        """The seals of one table."""
        if self._short is None:
            return _told(self.street, model)
        return [_sealed(seq, key, said) for seq, key, said in self._short["sealed"].get(seal.known_as(model), ())]

    def stands(self, model: type[models.Model]) -> Iterable[Standing]:
        """How lines left the rows of one table standing."""
        if self._short is None or model in _OF_NO_STREET:
            return _standing(self.street, model)
        found = self._short["stands"].get(seal.known_as(model), ())
        return [(Marking(seq, self.street.pk, _key(key)), said) for seq, key, said in found]

    def is_empty(self, model: type[models.Model]) -> bool:
        """Whether a table holds no row of any street."""
        return model._meta.db_table not in self._filled

    @cached_property
    def _short(self) -> dict[str, dict[str, list[Any]]] | None:
        lines = TrailLine.objects.filter(street=self.street).order_by("seq")
        if lines[SHORT : SHORT + 1]:
            return None
        found: dict[str, dict[str, list[Any]]] = {"sealed": {}, "stands": {}}
        for seq, key, data in lines.values_list("seq", "key", "data").iterator(CHUNK):
            parts: list[Any] = [data.get(what, {}) for what in found] if isinstance(data, dict) else [None]
            if not all(isinstance(part, dict) for part in parts):
                # Somebody wrote that: each table is asked by itself, so that it hides nothing of the others.
                return None
            for by_table, part in zip(found.values(), parts, strict=True):
                for label, said in part.items():
                    by_table.setdefault(label, []).append((seq, key, said))
        return found

    @cached_property
    def _filled(self) -> set[str]:
        return filled(model._meta.db_table for model in (*append_only_models(), *watched_models()))


def sealed_faults(street: Street) -> Iterator[tuple[str, Iterator[str]]]:
    """``row_faults`` of every append-only table that lines of the trail seal, by its name."""
    lines = Lines(street)
    for model in append_only_models():
        label = seal.known_as(model)
        if not model.sealed_by:
            yield label, row_faults(street, model, all_told=label not in BEGUN_ELSEWHERE, lines=lines)


def row_faults(
    street: Street, model: type[models.Model], *, all_told: bool = True, lines: Lines | None = None
) -> Iterator[str]:
    """The rows of an append-only table that are not what the trail sealed, in words.

    Changed, by the line that wrote them; gone; and, where ``all_told``, those that no line speaks of. One pass over
    the table in the order of the ids.
    """
    lines = lines or Lines(street)
    label, names, told = seal.known_as(model), seal.columns(model), list(lines.sealed(model))
    if not told and lines.is_empty(model):
        return
    seals = Seals(told)
    rows = model._default_manager.filter(street=street).order_by("pk").values_list(*names)
    wanted = [] if all_told else sorted(_ids(told))
    lots = [rows] if all_told else [rows.filter(pk__in=wanted[n : n + CHUNK]) for n in range(0, len(wanted), CHUNK)]
    for lot in lots:
        for row in lot.iterator(CHUNK):
            seals.add(row[0], partial(_says, model, row))
    seals.end()
    for pk, seq in seals.gone:
        yield f"{label} {pk}: is gone; line {seq} of the trail wrote it"
    for broken in seals.broken:
        ids = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in broken.ids[:SOME])
        yield f"{label} {ids}: not what line {broken.seq} of the trail wrote"
    for pk in seals.loose if all_told else []:
        yield f"{label} {pk}: no line of the trail speaks of it"


def _says(model: type[models.Model], row: tuple[Any, ...], recipe: int) -> bytes:
    return seal.says_at_first(model, row) if recipe == 1 else seal.says(model, row)


# -- rows that may change ----------------------------------------------------------------------------------------------


class Marking(NamedTuple):
    """A line of the trail that left rows standing: which of which street, and its key; None where that is not at hand."""

    seq: int
    street_id: int
    key: bytes | None


#: How a line left a row: that line, and the mark of what the row said.
Mark = tuple[Marking, str]
#: A line, and what it said of the rows of one table: their ids, and the mark of each.
Standing = tuple[Marking, Mapping[str, Any]]


def standing_faults(street: Street) -> Iterator[tuple[str, Iterator[str]]]:
    """The rows that may change and do not stand as the trail last left them, by the name of their table."""
    lines = Lines(street)
    for model in watched_models():
        yield seal.known_as(model), _standing_faults(street, model, lines)


def _standing(street: Street, model: type[models.Model]) -> Iterator[Standing]:
    """How lines left the rows of a table standing. Rows of no street are left by lines of any."""
    label = seal.known_as(model)
    lines = TrailLine.objects.filter(data__stands__has_key=label).order_by("pk")
    if model not in _OF_NO_STREET:
        lines = lines.filter(street=street)
    for seq, street_id, key, said in lines.values_list("seq", "street_id", "key", f"data__stands__{label}").iterator(
        CHUNK // 20
    ):
        yield Marking(seq, street_id, _key(key)), said


def _marks(standing: Iterable[Standing]) -> dict[int, Mark]:
    """The last mark of each row of a table."""
    marks: dict[int, Mark] = {}
    for by, said in standing:
        each = said["each"]
        ids = (pk for first, last in said["ids"] for pk in range(first, last + 1))
        marks.update((pk, (by, each[place * MARK : (place + 1) * MARK])) for place, pk in enumerate(ids))
    return marks


#: The models without a street, and by what a row of one hangs on a street.
_OF_NO_STREET: dict[type[models.Model], str] = {
    User: "memberships__street",
    Organisation: "streets",
    SecondFactor: "user__memberships__street",
    RecoveryCode: "user__memberships__street",
}


def _standing_faults(street: Street, model: type[models.Model], lines: Lines) -> Iterator[str]:
    label, names, untold, changed = seal.known_as(model), seal.columns(model), [], []
    marks = _marks(lines.stands(model))
    if not marks and lines.is_empty(model):
        return
    rows = _rows_of(street, model, marks).order_by("pk").values_list(*names)
    for row in rows.iterator(CHUNK):
        line, mark = marks.pop(row[0], (None, ""))
        if line is None:
            untold.append(row[0])
        elif line.key is not None and row_mark(line.key, seal.says(model, row)) != mark:
            changed.append((row[0], line))
    for pk, line in changed[:SOME]:
        yield f"{label} {pk}: does not stand as line {line.seq} of the trail left it"
    gone = sorted((pk, line.seq) for pk, (line, _mark) in marks.items() if line.street_id == street.pk)
    for pk, seq in gone[:SOME]:
        yield f"{label} {pk}: is gone; line {seq} of the trail left it standing"
    for pk in untold[:SOME]:
        yield f"{label} {pk}: no line of the trail speaks of it"


def untold(street: Street) -> Iterator[tuple[type[models.Model], list[int]]]:
    """The rows of a street that no line of the trail speaks of, by table: those of a release that did not seal them."""
    for model in append_only_models():
        if not model.sealed_by and seal.known_as(model) not in BEGUN_ELSEWHERE:
            pks = _rows_of(street, model, {}).order_by("pk").values_list("pk", flat=True)
            told = ids_told(street, model) if pks.exists() else set()  # the whole trail is gone through for it
            yield model, [pk for pk in pks.iterator(CHUNK) if pk not in told]
    for watched in watched_models():
        kept = watched in _OF_NO_STREET or _rows_of(street, watched, {}).exists()
        marked = _marks(_standing(street, watched)) if kept else {}
        pks = _rows_of(street, watched, marked).order_by("pk").values_list("pk", flat=True)
        yield watched, [pk for pk in pks.iterator(CHUNK) if pk not in marked]


def _rows_of(street: Street, model: type[models.Model], marks: dict[int, Mark]) -> models.QuerySet[Any]:
    """The rows a street answers for: its own, and those of no street that its lines speak of or that its members are."""
    rows = model._default_manager.all()
    if model is Street:
        return rows.filter(pk=street.pk)
    if model not in _OF_NO_STREET:
        return rows.filter(street=street)
    mine = models.Q(pk__in=[pk for pk, (line, _mark) in marks.items() if line.street_id == street.pk])
    return rows.filter(mine | models.Q(**{_OF_NO_STREET[model]: street})).distinct()
