"""Adding to the trail, and doing what a form asks only once. Called inside the transaction of the action told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock, points, seal, written
from hege.kernel.bulk import insert_new
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.mutability import AppendOnly
from hege.kernel.prepared import change, prepared
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.people.queries import administrators
from hege.trail.models import IdempotencyKey, TrailHead, TrailLine, Upkeep, UpkeepKind, Witness, WitnessKind
from hege.trail.queries import Chain, answered, known_head, untold, walk_chain
from hege.trail.rules import (
    ACCEPT_CLOCK,
    CHANGE_KEY,
    RECIPE,
    SEAL_RECIPE,
    Head,
    check_key_at_hand,
    instant_after,
    plain,
    row_mark,
    rows_seal,
)


@atomic(savepoint=False)  # joins the action's transaction; alone, it is still a line after a line
def record(
    verb: str,
    thing: models.Model,
    *,
    street: Street | None = None,
    by: User | None,
    at: dt.datetime,
    on_behalf: str = "",
    **data: Any,
) -> TrailLine:
    """Add one line (留痕): ``by`` did ``verb`` to ``thing``; ``data`` are its figures, never secrets or the reporter.

    ``street`` is the one the thing was read with, unless another is given. Locks the street's head, so it comes last in an action: whoever waits, waits shortly. ``at`` is the instant the act
    speaks of; the line's own is the clock's at the head. ``Refused`` where the clock is far behind the last line.
    """
    street = street or _street_of(thing)
    data |= _rows_written(street)
    with suppress(HeadMoved):  # read with the street, and still the end: no need to ask for it again
        if (known := known_head(street)) is not None:
            return _follow(known, verb, thing, street=street, by=by, at=at, on_behalf=on_behalf, data=data)
    return _follow(_lock_head(street), verb, thing, street=street, by=by, at=at, on_behalf=on_behalf, data=data)


def _street_of(thing: Any) -> Street:
    street: Street = thing.street
    return street


def amend(verb: str, row: models.Model, wanted: Mapping[str, Any], *, by: User | None, at: dt.datetime) -> None:
    """Change what is to be otherwise in a locked row; the line says what was before. No line where nothing changes."""
    after = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    if after:
        row.save(update_fields=list(after))
        record(verb, row, by=by, at=at, before=before, after=after)


class HeadMoved(Exception):
    """Another line has come to the chain since its head was read."""


def _follow(head: TrailHead, verb: str, thing: models.Model, *, street: Street, **said: Any) -> TrailLine:
    """The line after ``head``, and before it the one that says that from now on another key is used."""
    now = instant_after(head.recorded_at, clock.now())
    check_key_at_hand(head.key, settings.SEAL_KEYS, street=street.code)
    if head.key not in ("", settings.SEAL_KEY_NAME):
        keys = {"from": head.key, "to": settings.SEAL_KEY_NAME}
        _append(head, CHANGE_KEY, street, street=street, by=None, at=now, now=now, on_behalf="", data=keys)
    return _append(head, verb, thing, street=street, now=now, **said)


def _lock_head(street: Street) -> TrailHead:
    if not (found := _locked_head(street)):
        TrailHead.objects.get_or_create(street_id=street.pk)
        found = _locked_head(street)
    return found[0]


@prepared
def _locked_head(street: Street) -> models.QuerySet[TrailHead]:
    return TrailHead.objects.select_for_update().filter(street=street)


def _append(
    head: TrailHead, verb: str, thing: models.Model, *, now: dt.datetime, data: dict[str, Any], **said: Any
) -> TrailLine:
    """The line after ``head``; ``said`` are its street, who, at which instant, and on whose behalf."""
    line = TrailLine(
        seq=head.seq + 1, recipe=RECIPE, key=settings.SEAL_KEY_NAME, recorded_at=now, verb=verb,
        thing=seal.known_as(thing._meta.model), thing_id=str(thing.pk), data=plain(data), previous=head.hash, **said,
    )  # fmt: skip
    line.hash = line.expected_hash() or ""
    end = {"seq": line.seq, "hash": line.hash, "key": line.key, "recorded_at": line.recorded_at}
    if not change(TrailHead, end, id=head.pk, seq=head.seq, hash=head.hash):
        raise HeadMoved
    vars(head).update(end)
    line.save()
    return line


def _rows_written(street: Street) -> dict[str, Any]:
    """What the action wrote, as its line carries it: seals of rows that stay, and how rows that may change stand now.

    Rows of another street wait for a line of that street; rows of none go with the first.
    """
    pending = written.pending()
    if not pending:
        return {}
    key = settings.SEAL_KEYS[settings.SEAL_KEY_NAME]
    left: written.Rows = {}
    sealed: dict[str, Any] = {}
    stands: dict[str, Any] = {}
    for model, rows in written.read_again(pending).items():
        label = seal.known_as(model)
        mine = {pk: row.says for pk, row in sorted(rows.items()) if row.street_id in (None, street.pk)}
        left[model] = {pk: row for pk, row in rows.items() if pk not in mine}
        if not mine:
            continue
        ids = seal.ranges(mine)
        if issubclass(model, AppendOnly):
            sealed[label] = {"ids": ids, "digest": rows_seal(key, mine.values()), "recipe": SEAL_RECIPE}
        else:
            stands[label] = {"ids": ids, "each": "".join(row_mark(key, says) for says in mine.values())}
    written.took(left=left)
    return ({"sealed": sealed} if sealed else {}) | ({"stands": stands} if stands else {})


def take_up_rows(street: Street) -> dict[str, int]:
    """Let the next line seal every row of a street that no line speaks of (补封), as an earlier release left them.

    For ``hege migrate`` and nothing else, and after everything that is sealed has been checked: whoever slipped a row
    in would have it sealed. Answers how many rows of which tables; the line says so.
    """
    count: dict[str, int] = {}
    for model, pks in untold(street):
        written.note(model, dict.fromkeys(pks))
        if pks:
            count[seal.known_as(model)] = len(pks)
    return count


@atomic
def accept_clock(street: Street, *, reason: str, by: User, at: dt.datetime) -> TrailLine:
    """Go on after a clock that ran ahead (时钟走快后继续): an administrator's line with its reason, dated by the clock now.

    ``Refused`` without a reason, from anybody else, and while the clock is not behind.
    """
    said = _reason_of_administrator(street, reason, by=by, at=at)
    head, now = _lock_head(street), clock.now()
    if head.recorded_at is None or now >= head.recorded_at:
        raise Refused(_("时钟没有落在留痕后面，不用这样办。"))
    data = {"reason": said, "last": head.recorded_at}
    return _append(head, ACCEPT_CLOCK, street, street=street, by=by, at=at, now=now, on_behalf="", data=data)


@atomic
def accept_lost_key(street: Street, *, reason: str, by: User, at: dt.datetime) -> TrailLine:
    """Go on with today's key after that of the last line was lost (密钥丢失后继续): an administrator's line with its reason.

    The lines before it can be checked again once the key is found. ``Refused`` while the key is at hand.
    """
    said = _reason_of_administrator(street, reason, by=by, at=at)
    head, now = _lock_head(street), clock.now()
    if not head.key or head.key in settings.SEAL_KEYS:
        raise Refused(_("留痕末行的密钥就在这里，不用这样办。"))
    data = {"from": head.key, "to": settings.SEAL_KEY_NAME, "reason": said}
    now = instant_after(head.recorded_at, now)
    return _append(head, CHANGE_KEY, street, street=street, by=by, at=at, now=now, on_behalf="", data=data)


def _reason_of_administrator(street: Street, reason: str, *, by: User, at: dt.datetime) -> str:
    said = check_words(reason, _("请写明原因。"))
    if not administrators(street, on=clock.day_of(at)).filter(user=by).exists():
        raise Refused(_("只有本街道现任的管理员能这样办。"))
    return said[:300]


@atomic
def prove_trail(street: Street, *, heads: Iterable[Head] = (), by: User | None, at: dt.datetime) -> Chain:
    """Recompute the whole chain of a street and hear its witnesses (核对留痕); what was found is a line itself."""
    head = _lock_head(street)
    found = walk_chain(street, heads)
    broken = next(iter(found.faults), None)
    record(
        "prove_trail", street, street=street, by=by, at=at, lines=head.seq, head=head.hash, broken=broken,
        unchecked=found.unchecked,
    )  # fmt: skip
    return found


@atomic
def keep_witness(
    street: Street, kind: WitnessKind, *, seq: int, digest: str, note: str, by: User | None, at: dt.datetime
) -> Witness:
    """Keep the end that the chain had when something left the house with it (见证); ``note`` says what that was."""
    kept = Witness.objects.create(street=street, kind=kind, note=note[:200], seq=seq, hash=digest, at=at)
    record("keep_witness", kept, street=street, by=by, at=at, kind=kind, note=note[:200], line=seq, head=digest)
    return kept


def record_upkeep(kind: UpkeepKind, *, well: bool, note: str = "", at: dt.datetime, **data: Any) -> Upkeep:
    """Say that something which keeps the installation well has run (运行维护), and whether it went well.

    ``data`` are its figures: sizes, digests, counts. An installation has many streets, so this is no line of a trail.
    """
    return Upkeep.objects.create(kind=kind, at=at, well=well, note=note[:300], data=plain(data))


class Undone(Exception):
    """An act came to nothing: whatever it has written is taken back."""


def do_once(
    key: str, *, asked: str, act: Callable[[], str | None], by: User | AnonymousUser | None, at: dt.datetime
) -> str | None:
    """Do ``act`` once per idempotency key and answer what it answered; a repeat gets the first answer (重复提交只办一次).

    The key is kept with the answer, in the transaction of the act: of two sendings under way at once the later one
    finds it taken, is undone and gets the first answer, whatever it came to itself. ``asked`` is a digest of the
    request: the same key with another wish, or from another person, is ``Stale``. An ``act`` that answers None did
    nothing and leaves its key free for the next try; so does one that raises.
    """
    columns = ("key", "asked", "answer", "by_id", "at")
    try:
        with atomic(), points.begins_here():
            answer = answered(key, asked=asked, by=by)
            if answer is None and (answer := act()) is not None:
                if not insert_new(IdempotencyKey, columns, (key, asked, answer, by.pk if by is not None else None, at)):
                    raise Undone
            elif answer is None and points.others_write():
                answer = answered(key, asked=asked, by=by)
            return answer
    except Undone:
        answer = answered(key, asked=asked, by=by)
        if answer is None:
            raise
        return answer
