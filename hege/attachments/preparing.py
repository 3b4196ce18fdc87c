"""From what somebody sent to what may be kept (备好附件): looked at in a child process and put on the disk, both before any
transaction begins. What no row comes for is swept after a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from hege.attachments import store, told
from hege.attachments.rules import EVIDENCE, Purpose, Sort, check_file, clean_name
from hege.kernel import limited
from hege.kernel.refused import Refused

PICTURES, PAPERS = "hege.attachments.pictures", "hege.attachments.papers"
#: A picture of 40 million pixels takes less than half a gigabyte; a phone's takes a second.
LIMITS = limited.Limits(memory=1024 << 20, cpu_seconds=20, seconds=60)


@dataclass(frozen=True)
class Prepared:
    """A file that was looked at and lies on the disk, as the columns of ``Attachment`` say it."""

    purpose: Purpose
    name: str
    media_type: str
    sha256: str
    size: int
    small_sha256: str = ""
    width: int = 0
    height: int = 0
    original_sha256: str = ""
    original_size: int = 0


def prepare(
    name: str, size: int, read: Callable[[], bytes], *, purpose: Purpose, pictures_only: bool = False
) -> Prepared:
    """Look at a file (备好): a picture becomes an upright JPEG with nothing behind it, a paper is kept as it is.

    ``size`` in bytes; ``read`` gives the content, asked for only where the size will do. ``Refused`` with a sentence for
    whatever is not taken; ``OSError`` where the disk takes no more.
    """
    shown = clean_name(name)
    check_file(shown, size, b"\xff\xd8\xff")  # by its size, before it is read
    data = read()
    sorts = check_file(shown, len(data), data, pictures_only=pictures_only)
    sort = next(iter(sorts))
    if not sort.is_picture:
        sort = Sort[_looked(PAPERS, shown, {}, data).found["sort"]]
        return Prepared(purpose, clean_name(name, sort.extension), sort.media_type, store.put(data), len(data))
    picture = _picture(purpose, clean_name(name, Sort.JPEG.extension), {"sort": sort.name}, data)
    if purpose not in EVIDENCE:
        return picture
    return replace(picture, original_sha256=store.put(data), original_size=len(data))


def with_bars(purpose: Purpose, name: str, picture: bytes, bars: list[tuple[int, int, int, int]]) -> Prepared:
    """A picture of ours with black bars (打码): left, top, right and bottom of each in thousandths."""
    return _picture(purpose, name, {"sort": Sort.JPEG.name, "bars": bars}, picture)


def _picture(purpose: Purpose, name: str, question: dict[str, Any], data: bytes) -> Prepared:
    found, (picture, small) = _looked(PICTURES, name, question, data)
    return Prepared(
        purpose, name, Sort.JPEG.media_type, store.put(picture), len(picture), store.put(small), found["width"],
        found["height"],
    )  # fmt: skip


def _looked(module: str, name: str, question: dict[str, Any], data: bytes) -> told.Answer:
    try:
        answer = told.heard(limited.run(module, told.asked(question, data), LIMITS))
    except limited.Ended:
        raise Refused(_("“%(name)s”打开时要用的内存或时间大得不正常，已拒收；请重新拍照或导出。"), name=name) from None
    if refused := answer.found.get("refused"):
        raise Refused(_(refused), name=name, **answer.found["values"])
    return answer


def counted(files: Sequence[Prepared]) -> dict[str, Any]:
    """What the trail's line of an act says of the files it brought: how many; nothing where there are none."""
    return {"files": len(files)} if files else {}
