"""How a line of the trail is hashed, when it may be written, and what may follow what."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Container, Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.kernel.refused import Refused

#: How today's lines are hashed. Recipe 1 had no key and no instant of the line's own; its lines stay checkable.
RECIPE = 2
#: How rows are sealed today; seals of the first recipe do not say one.
SEAL_RECIPE = 2
#: So many hex digits say how one row stands that may change.
MARK = 16
#: The line that goes on with another key; the first of a chain that began without one is written by the migration alone.
CHANGE_KEY = "change_seal_key"
#: The line that goes on after a clock that ran ahead.
ACCEPT_CLOCK = "accept_clock"
#: The line that seals what an older release's recipes left open, once, when its street is brought up to date.
SEAL_ANEW = "seal_anew"
#: Hex digits of a digest that such a line keeps of each thing: enough that no other can be made to have them.
ENOUGH = 32
#: So far behind the last line a clock may be: machines that share the work differ by seconds.
CLOCK_SLACK = dt.timedelta(minutes=5)


#: What reads back as it was.
PLAIN = {str, int, bool, type(None)}


def plain(value: Any) -> Any:
    """What goes into a line: JSON with dates as ISO text, so that it reads back the same."""
    if isinstance(value, dict):
        return {str(k): v if type(v) in PLAIN else plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [v if type(v) in PLAIN else plain(v) for v in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def rows_seal(key: bytes, says: Iterable[bytes]) -> str:
    """The seal of rows that are never changed, from what each says (``kernel.seal.says``) in the order of their ids."""
    return hmac.digest(key, b"".join(says), "sha256").hex()


def in_short(data: dict[str, Any]) -> dict[str, Any]:
    """What a line says, for people: of its seals only how many rows they cover."""
    said = {name: value for name, value in data.items() if name not in ("sealed", "stands")}
    covered = [rows["ids"] for part in ("sealed", "stands") for rows in data.get(part, {}).values()]
    count = sum(last - first + 1 for ids in covered for first, last in ids)
    return {**said, "rows_sealed": count} if count else said


def row_mark(key: bytes, says: bytes) -> str:
    """How one row stands that may change: short, and without the key nobody can guess what it says from it."""
    return hmac.digest(key, says, "sha256").hex()[:MARK]


class Said(NamedTuple):
    """What a line says, all of which its hash covers. ``at`` is the instant the act speaks of, ``recorded_at`` the line's
    own; ``by`` a user name; ``key`` the name of a key, never the key."""

    recipe: int
    key: str
    previous: str
    street: str
    seq: int
    recorded_at: dt.datetime | None
    at: dt.datetime
    by: str
    on_behalf: str
    verb: str
    thing: str
    thing_id: str
    data: dict[str, Any]


def _utc(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat()


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def line_hash(said: Said, key: bytes) -> str:
    """The hash of a line by its own recipe, as hex: 1 is a SHA-256, 2 an HMAC-SHA256 with a key outside the database."""
    rest = [said.by, said.on_behalf, said.verb, said.thing, said.thing_id, said.data]
    if said.recipe == 1:
        text = _canonical([said.previous, said.street, said.seq, _utc(said.at), *rest])
        return hashlib.sha256(text.encode()).hexdigest()
    instants = [_utc(said.recorded_at) if said.recorded_at else None, _utc(said.at)]
    text = _canonical([said.recipe, said.key, said.previous, said.street, said.seq, *instants, *rest])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def follow_fault(before: Said | None, said: Said) -> str | None:
    """Why a line may not follow the one before it, whatever their hashes; None where it may."""
    if said.recipe == 1:
        return "it has no key, and lines before it have" if before and before.recipe > 1 else None
    if said.recorded_at is None:
        return "it has no instant of its own"
    if before is None:
        return None
    if (before.recipe, before.key) != (said.recipe, said.key) and said.verb != CHANGE_KEY:
        return "it has another key than the line before it and does not say why"
    if before.recorded_at and said.recorded_at < before.recorded_at and said.verb != ACCEPT_CLOCK:
        return "it is dated before the line it follows"
    return None


def instant_after(last: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """The instant of a line that is written ``now`` and follows one of ``last``: never before it.

    ``Refused`` where the clock is further behind than ``CLOCK_SLACK``: either it is wrong now or it was wrong then.
    """
    if last is None or now >= last:
        return now
    if last - now <= CLOCK_SLACK:
        return last
    raise Refused(
        _(
            "本机时钟现在是 %(now)s，比留痕最后一行的 %(last)s 还早，这一步没有办。请先把时钟校准；"
            "如果时钟现在是对的、是先前走快了，请管理员写明原因运行 hege clock --accept。"
        ),
        now=_shown(now), last=_shown(last),
    )  # fmt: skip


def check_key_at_hand(key: str, keys: Container[str], *, street: str) -> None:
    """Whoever goes on with a chain holds the key its last line was sealed with; ``key`` is its name, empty where none was.

    ``Refused`` with another installation's key file: its lines could never be checked against those before.
    """
    if key and key not in keys:
        raise Refused(
            _(
                "%(street)s 的留痕是用密钥 %(key)s 封存的，这里没有这把密钥，这一步没有办。请放回原来的密钥文件（HEGE_KEY_FILE）或 "
                "HEGE_SEAL_KEY；换过密钥的，把原来的值写进 HEGE_SEAL_KEYS_OLD；确实丢了，请管理员写明原因运行 hege key --lost。"
            ),
            street=street, key=key,
        )  # fmt: skip


def _shown(instant: dt.datetime) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"


class Lost(NamedTuple):
    """Lines that cannot be checked because the key they name is not at hand: between which two, and how many."""

    key: str
    first: int
    last: int
    lines: int

    def __str__(self) -> str:
        return f"{self.lines} lines, {self.first} to {self.last}, cannot be checked: the key {self.key or '?'} is not at hand"


class Unchecked(str):
    """A finding that says nobody can tell, for want of a key: not a fault, and not clean either."""

    __slots__ = ()


class Declared(Unchecked):
    """The same of a key that an administrator has said to be lost for good, with the reason on the trail: known, and told
    each time, but nothing that anybody could still mend."""

    __slots__ = ()


class Head(NamedTuple):
    """The end of a chain as somebody outside it wrote it down (见证): which line, its hash, and who says so."""

    seq: int
    hash: str
    where: str
    street: str = ""


#: A street's code where it is given, a line's number, and its hash or at least the first sixteen digits of it.
_HEAD = re.compile(r"(?<![0-9a-zA-Z-])(?:(\d{6,12})\s+)?(\d{1,18})\s*行?[\s,，]\s*([0-9a-f]{16,64})(?![0-9a-zA-Z])")


def heads_in(text: str, where: str) -> list[Head]:
    """Every head in a text: what ``hege head`` prints, or a line number and its hash as printed under minutes.

    ``Refused`` where there is none: a witness that says nothing must not pass for one that agrees.
    """
    found = [Head(int(seq), digits, where, street or "") for street, seq, digits in _HEAD.findall(text)]
    if not found:
        raise Refused(_("%(where)s 里没有留痕的行号和校验码：请照抄 hege head 打印的一行。"), where=where)
    return found


def head_fault(head: Head, there: str | None, last: int) -> str | None:
    """What a witness and the chain disagree about; ``there`` is the hash of the line it names, ``last`` the chain's end."""
    if there is None:
        return f"{head.where} saw line {head.seq}, and the chain ends at line {last}: lines were cut off"
    if not there.startswith(head.hash):
        return f"{head.where} saw another line {head.seq}: the chain was written anew"
    return None
