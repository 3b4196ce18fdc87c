"""Files chosen together (一叠文件): rehearsed as one without a trace, then booked as one or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hege.billing.models import Payment
from hege.imports.actions import bring_in
from hege.imports.cells import heads_of
from hege.imports.kind import Answers, Progress, untold
from hege.imports.kinds import KINDS, Unmapped
from hege.imports.layouts import FileKind
from hege.imports.looking import NOTHING_SAID, Opened, Outcome, foreseen, look_at, open_file
from hege.imports.models import Pile, StagedFile
from hege.imports.queries import MONEY, ToCome, totals
from hege.imports.report import as_json, fault_groups, in_words, total_lines
from hege.imports.sheets import check_size
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.trail.queries import last_seq

STAGED_FOR = dt.timedelta(hours=4)
MOST_STAGED, MOST_FILES = 5, 40  # piles of one person, files of one pile
MOST_BYTES = 100 * 1024 * 1024  # of one pile
MOST_KEPT = 2000  # faults, doubts and changes of a file that are kept to be shown

#: The order in which the files of a pile are booked, whatever the order they were chosen in: each finds what it speaks of.
ORDER = (
    FileKind.METERS, FileKind.UNITS, FileKind.READINGS, FileKind.BILLS, FileKind.RECEIPTS, FileKind.REMITTANCES,
    FileKind.DIRECT_PAYMENTS, FileKind.ACKNOWLEDGEMENTS, FileKind.WALLET, FileKind.BANK, FileKind.UTILITY_PAYMENTS,
    FileKind.ASSERTIONS, FileKind.HONOURS,
)  # fmt: skip
#: Everything a street has of what files tell of, by the name of its total.
_COUNTED = {name: which for kind in KINDS.values() for name, which in kind.counted.items()} | {
    "payments": (Payment, {})
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was chosen, and what its sender says of it; without a kind its headings say which it is."""

    name: str
    content: bytes
    kind: FileKind | None = None
    answers: Answers = NOTHING_SAID
    id: str = ""


@dataclass(slots=True)
class Seen:
    """What one file of a pile did, or would do; ``refused`` says why it cannot be read at all, ``asked`` which field of
    the form mends it (``columns`` are then what its columns are taken for), ``waits`` for which others."""

    sent: Sent
    opened: Opened | None = None
    outcome: Outcome | None = None
    refused: str = ""
    asked: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    waits: list[str] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        """Whether nothing of the pile can be booked because of this file."""
        return self.outcome is None or bool(self.refused) or self.outcome.stopped

    @property
    def turn(self) -> tuple[int, str, str]:
        """Where it stands in the order in which files are booked."""
        at = ORDER.index(self.opened.kind) if self.opened else len(ORDER)
        return at, self.sent.name, self.opened.run.sha256 if self.opened else ""


@dataclass(slots=True)
class PileOutcome:
    """What the files of a pile did, or would do, in the order in which they are booked, and the totals before and after."""

    files: list[Seen]
    seq: int
    before: dict[str, Any]
    after: dict[str, Any]
    booked: bool = False

    @property
    def stopped(self) -> bool:
        """Whether nothing can be booked as it is."""
        return any(seen.stopped for seen in self.files)


class _Undone(Exception):
    """The pile is not to be booked: what was tried is taken back."""


def take_files(
    street: Street,
    sent: Sequence[Sent],
    *,
    by: User | None,
    at: dt.datetime,
    dry_run: bool,
    progress: Progress = untold,
) -> PileOutcome:
    """Bring files in together (导入一叠): all rows of all of them or, where one is stopped, none.

    A dry run books them too and takes it back, so that each is looked at as it will be when its turn comes; one file
    alone is only looked at.
    """
    files = _opened(street, sent, at=at, progress=progress)
    return _taken(street, files, by=by, at=at, dry_run=dry_run, progress=progress)


@atomic
def stage_pile(street: Street, files: Iterable[Sent], *, by: User, at: dt.datetime) -> Pile:
    """Keep files until their owner has seen what they would do (暂存): theirs alone, for a few hours, a few piles at a time.

    A second pile, in another tab, leaves the first one to be confirmed; the same files sent again are the pile they are.
    Raises ``Refused`` where they are too many.
    """
    files = list(files)
    Pile.objects.filter(street=street, expires_at__lte=at).delete()
    StagedFile.objects.filter(street=street, expires_at__lte=at).delete()
    waiting = Pile.objects.filter(street=street, owner=by).order_by("-created_at", "-pk")
    for pile in waiting.filter(booked_at__isnull=True):
        kept = pile.files.values_list("name", "sha256", "kind", "answers")
        if sorted(row[:3] for row in kept if not row[3]) == sorted({(*_named(one), one.kind or "") for one in files}):
            return pile
    Pile.objects.filter(pk__in=[pk for (pk,) in waiting.values_list("pk")[MOST_STAGED - 1 :]]).delete()
    pile = Pile.objects.create(street=street, owner=by, created_at=at, expires_at=at + STAGED_FOR)
    _keep(pile, files, at=at)
    return pile


@atomic
def add_to_pile(pile: Pile, files: Iterable[Sent], *, by: User, at: dt.datetime) -> None:
    """Lay more files on a pile that is not booked yet (再加文件)."""
    _keep(_waiting(pile, by=by, at=at), files, at=at)


@atomic
def drop_file(staged: StagedFile, *, by: User, at: dt.datetime) -> None:
    """Take a file off its pile (拿掉这份)."""
    _waiting(_pile_of(staged), by=by, at=at).files.filter(pk=staged.pk).delete()


@atomic
def drop_pile(pile: Pile, *, by: User, at: dt.datetime) -> None:
    """Let go of a pile and its files (放弃这一叠)."""
    _waiting(pile, by=by, at=at).delete()


@atomic
def answer_file(staged: StagedFile, answers: Answers, *, kind: FileKind | None, by: User, at: dt.datetime) -> None:
    """Keep what its owner says of a file; without a kind its headings say which it is. Its pile is to be looked at again."""
    pile = _waiting(_pile_of(staged), by=by, at=at)
    pile.seq = None
    pile.save(update_fields=["seq"])
    locked = pile.files.get(pk=staged.pk)
    locked.answers, locked.kind = answers.as_json(), kind.value if kind else ""
    locked.save(update_fields=["answers", "kind"])


@atomic
def accept_proposals(pile: Pile, *, by: User, at: dt.datetime) -> None:
    """Say yes to every proposal of a pile that is one-to-one (一对一的一次收下)."""
    for staged in _waiting(pile, by=by, at=at).files.all():
        staged.answers = replace(Answers.of(staged.answers), accept=True).as_json()
        staged.save(update_fields=["answers"])


def rehearse(pile: Pile, *, by: User, at: dt.datetime, progress: Progress = untold) -> PileOutcome:
    """Book a pile, take it back, and keep what was seen with how long the trail was (看会登记什么)."""
    files = _opened(pile.street, _sent(pile), at=at, progress=progress)
    outcome = _taken(pile.street, files, by=by, at=at, dry_run=True, progress=progress)
    _remember(pile, outcome, by=by, at=at)
    return outcome


def book_pile(pile: Pile, *, by: User, at: dt.datetime, progress: Progress = untold) -> PileOutcome | None:
    """Book a pile as it was last seen (确认登记) and let go of its bytes; None where it was booked before.

    What ``progress`` raises takes all of it back.

    Where a file is stopped, or would do something else than its owner saw, nothing is booked, and what is so now is kept
    to be seen. Raises ``Refused`` for who is not its owner and after its time.
    """
    files = _opened(pile.street, _sent(pile), at=at, progress=progress)
    try:
        with atomic():
            locked = _owned(pile, by=by, at=at)
            if locked.booked_at is not None:
                return None
            outcome = _run(pile.street, files, by=by, at=at, progress=progress)
            if outcome.stopped or _told(pile_as_json(outcome)) != _told(locked.seen or {}):
                raise _Undone
            locked.booked_at = at
            locked.save(update_fields=["booked_at"])
            locked.files.update(content=b"")
            outcome.booked = True
            progress(_("登记完毕"), 1, 1)  # the last chance to take it back
    except _Undone:
        _remember(pile, outcome, by=by, at=at, moved=not outcome.stopped)
    return outcome


def _opened(street: Street, sent: Sequence[Sent], *, at: dt.datetime, progress: Progress = untold) -> list[Seen]:
    """Read every file. Asks nothing of the database and holds no lock: this is what takes long."""
    street = Street.objects.get(pk=street.pk)  # one that has not seen the trail: what is taken back is not remembered
    files = []
    for one in sent:
        seen = Seen(one)
        try:
            seen.opened = open_file(
                street, one.kind, one.name, one.content, at=at, progress=progress, answers=one.answers
            )
        except Refused as refused:
            seen.refused, seen.asked = str(refused), refused.field or ""
            seen.columns = refused.columns if isinstance(refused, Unmapped) else {}
        files.append(seen)
    return files


def _taken(
    street: Street, files: list[Seen], *, by: User | None, at: dt.datetime, dry_run: bool, progress: Progress = untold
) -> PileOutcome:
    if dry_run and len(files) == 1:
        return _alone(street, files[0], progress)
    try:
        with atomic():
            outcome = _run(street, files, by=by, at=at, progress=progress)
            if dry_run or outcome.stopped:
                raise _Undone
            outcome.booked = True
    except _Undone:
        for seen in outcome.files:
            if seen.outcome is not None:
                seen.outcome.booked, seen.outcome.dry_run = 0, True
    return outcome


def _alone(street: Street, seen: Seen, progress: Progress) -> PileOutcome:
    """One file, only looked at: no lock, whatever its length."""
    seq = last_seq(street)
    if seen.opened is None:
        return PileOutcome([seen], seq, {}, {})
    seen.outcome = foreseen(look_at(seen.opened, dry_run=True, progress=progress))
    return PileOutcome([seen], seq, seen.outcome.before, seen.outcome.after)


def _run(
    street: Street, files: list[Seen], *, by: User | None, at: dt.datetime, progress: Progress = untold
) -> PileOutcome:
    """Book each file in its turn, but those that are stopped. Within the transaction of who decides whether it stays."""
    locked_street(street.pk)
    seq, before = last_seq(street), _counts(street)
    files = sorted(files, key=lambda seen: seen.turn)
    for seen in files:
        if seen.opened is None:
            continue
        look = look_at(seen.opened, dry_run=False, progress=progress)
        seen.outcome = look.outcome
        if look.outcome.stopped:
            continue
        try:
            seen.outcome = bring_in(look, seen.sent.content, by=by, at=at, progress=progress)
        except Refused as refused:
            seen.refused = str(refused)
    for seen in files:
        seen.waits = _waits(seen, files)
    first, last = _money(files)
    return PileOutcome(files, seq, {**first, **before}, {**last, **_counts(street)})


def _waits(seen: Seen, files: Sequence[Seen]) -> list[str]:
    """The names of the files that must be mended first: a row names what one of them would bring."""
    if seen.outcome is None:
        return []
    wanted = {group.first for group in fault_groups(seen.outcome.faults) if group.first}
    return [
        other.sent.name
        for other in files
        if wanted and other is not seen and other.stopped and (other.opened is None or other.opened.kind in wanted)
    ]


def _counts(street: Street) -> dict[str, Any]:
    return totals(street, _COUNTED, None, ToCome())[0]


def _money(files: Iterable[Seen]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The money of every meter the files touch: as the first of them found it, and as the last one left it."""
    first: dict[str, dict[str, int]] = {}
    last: dict[str, dict[str, int]] = {}
    for seen in files:
        if seen.outcome is not None and not seen.stopped and KINDS[seen.outcome.kind].of_money:
            first = seen.outcome.before.get("meters", {}) | first
            last |= seen.outcome.after.get("meters", {})
    return _summed(first), _summed(last)


def _summed(meters: dict[str, dict[str, int]]) -> dict[str, Any]:
    if not meters:
        return {}
    whole = {name: sum(meter[name] for meter in meters.values()) for name in MONEY}
    return {**whole, "by_meter": dict(sorted(meters.items()))}


# -- what is kept while somebody looks ---------------------------------------------------------------------------------


def _keep(pile: Pile, files: Iterable[Sent], *, at: dt.datetime) -> None:
    """Add files to a pile; one that lies there already is not laid on it twice."""
    kept, size = pile.files.count(), sum(len(c) for (c,) in pile.files.values_list("content"))
    there = set(pile.files.values_list("name", "sha256"))
    for one in files:
        check_size(len(one.content))
        if _named(one) in there:
            continue
        there.add(_named(one))
        kept, size = kept + 1, size + len(one.content)
        if kept > MOST_FILES or size > MOST_BYTES:
            values = {"most": MOST_FILES, "mb": MOST_BYTES // 1024**2}
            raise Refused(_("一叠最多 %(most)d 份文件、%(mb)d MB；请分几次导入。") % values, field="file")
        StagedFile.objects.create(
            street=pile.street,
            owner=pile.owner,
            pile=pile,
            kind=one.kind.value if one.kind else "",
            answers=one.answers.as_json(),
            name=_named(one)[0],
            sha256=_named(one)[1],
            content=one.content,
            created_at=at,
            expires_at=pile.expires_at,
        )


def _named(one: Sent) -> tuple[str, str]:
    return one.name[-200:], hashlib.sha256(one.content).hexdigest()


def _owned(pile: Pile, *, by: User, at: dt.datetime) -> Pile:
    locked = Pile.objects.select_for_update().filter(street=pile.street, pk=pile.pk, owner=by).first()
    if locked is None or locked.expires_at <= at:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return locked


def _waiting(pile: Pile, *, by: User, at: dt.datetime) -> Pile:
    """A pile that its owner may still change."""
    locked = _owned(pile, by=by, at=at)
    if locked.booked_at is not None:
        raise Refused(_("这一叠文件已经导入，不能再改。"))
    return locked


def _pile_of(staged: StagedFile) -> Pile:
    if staged.pile is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return staged.pile


def _sent(pile: Pile) -> list[Sent]:
    return [
        Sent(f.name, bytes(f.content), FileKind(f.kind) if f.kind else None, Answers.of(f.answers), f.public_id)
        for f in pile.files.order_by("pk")
    ]


def _remember(pile: Pile, outcome: PileOutcome, *, by: User, at: dt.datetime, moved: bool = False) -> None:
    """Keep what was seen of a pile, beside the length of the trail it was seen at."""
    seen = {**pile_as_json(outcome), "language": get_language(), "at": at.isoformat(), "moved": moved}
    with atomic():
        locked = _waiting(pile, by=by, at=at)
        locked.seen, locked.seq = seen, outcome.seq
        locked.save(update_fields=["seen", "seq"])
    pile.seen, pile.seq = seen, outcome.seq


def pile_as_json(outcome: PileOutcome, most: int | None = MOST_KEPT) -> dict[str, Any]:
    """A pile as plain values; of long lists the first ``most``."""
    return {
        "files": [file_as_json(seen, most) for seen in outcome.files],
        "totals": {"before": outcome.before, "after": outcome.after},
        "booked": outcome.booked,
    }


def pile_in_words(outcome: PileOutcome) -> Iterator[str]:
    """Everything about a pile, line by line: each file, then the totals, then what is left to do."""
    for seen in outcome.files:
        if seen.outcome is None:
            yield _("%(file)s：%(reason)s") % {"file": seen.sent.name, "reason": seen.refused}
            continue
        yield from in_words(seen.outcome)
        if seen.refused:
            yield "  " + seen.refused
        if seen.waits:
            yield _("  先要改好：%(files)s") % {"files": _("、").join(seen.waits)}
    for total in total_lines(outcome.before, outcome.after):
        if total.moved:
            yield _("%(label)s：%(before)s → %(after)s") % asdict(total)
    left = [seen.sent.name for seen in outcome.files if seen.stopped]
    if left:
        named = {"n": len(left), "files": _("、").join(left)}
        yield several("还有 %(n)d 份文件要先看：%(files)s；这一叠一行都没有登记。") % named
    else:
        rows = sum(seen.outcome.new + seen.outcome.changed for seen in outcome.files if seen.outcome)
        told = (
            _("这一叠 %(n)d 份文件登记了 %(rows)d 行。")
            if outcome.booked
            else _("这一叠 %(n)d 份文件可以登记 %(rows)d 行；现在什么都没有存。")
        )
        yield told % {"n": len(outcome.files), "rows": rows}


def file_as_json(seen: Seen, most: int | None = MOST_KEPT) -> dict[str, Any]:
    """What is told of one file of a pile, as plain values; of long lists the first ``most`` and how many there are."""
    sent, outcome = seen.sent, seen.outcome
    if outcome is None:
        outcome = Outcome(
            sent.kind or FileKind.UNITS, sent.name, hashlib.sha256(sent.content).hexdigest(), dry_run=True
        )
    told = as_json(outcome, refused_file=seen.refused or None)
    told["groups"] = [group.as_json() for group in fault_groups(outcome.faults)]
    for name in ("faults", "doubts", "changes", "lines"):
        told["n_" + name], told[name] = len(told[name]), told[name][:most]
    heads = _heads(seen.opened) if seen.opened else {}
    told["faults"] = [{**fault, "head": heads.get(fault["column"], "")} for fault in told["faults"]]
    about = {"id": sent.id, "waits": seen.waits, "asked": seen.asked, "stopped": seen.stopped}
    return told | about | ({} if seen.outcome else {"kind": sent.kind.value if sent.kind else ""})


def _heads(opened: Opened) -> dict[str, str]:
    """How the file itself calls a column: each of ours that one column of it is, and each of its own."""
    layout, heads = KINDS[opened.kind].layout, heads_of(opened.table.header)
    return {head: head for head in heads} | {
        layout.heading[pick.field]: heads[place]
        for place, pick in opened.mapping.picks.items()
        if len(pick.fields) == 1
    }


def _told(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same when a pile is booked as when it was seen: what each file would do, row counts and questions."""
    counts = ("sha256", "kind", "refused_file", "rows", "new", "changed", "same", "refused", "n_doubts")
    return {f["id"]: [f.get(name) for name in counts] for f in seen.get("files", ())}
