"""What a file may be: told by what it holds, never by its name; how large, how it is called, what it is refused with."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.personal import hide
from hege.kernel.refused import Refused

MOST_BYTES = 12 << 20  # of one file
MOST_FILES = 5  # sent with one form
LONGEST_NAME = 120


class Purpose(TextChoices):
    """What a file is kept for (用途)."""

    PHOTO = "photo", _("照片")
    DIAL = "dial", _("表盘照片")
    RECEIPT = "receipt", _("凭证")
    SIGNED_PAGE = "signed_page", _("签字页")
    DELIVERY = "delivery", _("送达凭证")
    PAPER = "paper", _("文书")


#: Whose picture proves something: it is kept as it came beside the one that is shown (原件另存).
EVIDENCE = frozenset({Purpose.DIAL, Purpose.RECEIPT, Purpose.SIGNED_PAGE, Purpose.DELIVERY})


class Sort(Enum):
    """A sort of file that is taken: its media type and the end of its name."""

    JPEG = "image/jpeg", "jpg"
    PNG = "image/png", "png"
    WEBP = "image/webp", "webp"
    HEIC = "image/heic", "heic"
    PDF = "application/pdf", "pdf"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"

    def __init__(self, media_type: str, extension: str) -> None:
        self.media_type, self.extension = media_type, extension

    @property
    def is_picture(self) -> bool:
        """Whether it becomes a picture of ours."""
        return self.media_type.startswith("image/")


_BEGINS = ((b"\xff\xd8\xff", Sort.JPEG), (b"\x89PNG\r\n\x1a\n", Sort.PNG), (b"%PDF-", Sort.PDF))
_ZIP = b"PK\x03\x04"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sorts_of(data: bytes) -> frozenset[Sort]:
    """What a file may be by its first bytes: one sort, the two of office files, or none that is taken."""
    for beginning, sort in _BEGINS:
        if data.startswith(beginning):
            return frozenset({sort})
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return frozenset({Sort.WEBP})
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS and b"avif" not in data[16:64]:
        return frozenset({Sort.HEIC})
    return frozenset({Sort.XLSX, Sort.DOCX}) if data.startswith(_ZIP) else frozenset()


def check_file(name: str, size: int, data: bytes, *, pictures_only: bool = False) -> frozenset[Sort]:
    """What a file may be. Refuses what is empty, too large, or of a sort that is not taken; ``size`` in bytes."""
    if not size:
        raise Refused(_("“%(name)s”是空的（0 字节），请重新拍照或选择。"), name=name)
    if size > MOST_BYTES:
        raise Refused(
            _("“%(name)s”有 %(size)s MB，一个文件最多 %(most)s MB；请把照片拍小一些，或把文书分成几份。"),
            name=name, size=-(-size >> 20), most=MOST_BYTES >> 20,
        )  # fmt: skip
    sorts = sorts_of(data)
    if pictures_only and not all(sort.is_picture for sort in sorts or {Sort.PDF}):
        raise Refused(_("“%(name)s”不是照片：这里只收 JPEG、PNG、WebP、HEIC 照片。"), name=name)
    if not sorts:
        raise Refused(_("“%(name)s”这种文件不收：只收 JPEG、PNG、WebP、HEIC 照片和 PDF、xlsx、docx 文书。"), name=name)
    return sorts


def check_count(count: int) -> None:
    """Refuse more files at once than a form may bring."""
    if count > MOST_FILES:
        raise Refused(
            _("一次最多 %(most)s 个文件，这里有 %(count)s 个；其余的请再办一次。"), most=MOST_FILES, count=count
        )


_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # control signs, marks of direction, signs without a picture


def clean_name(name: str, extension: str = "") -> str:
    r"""A name that says what it seems to say: no folders, no signs that cannot be seen, no telephone; not long, and its end
    is that of what the file holds. ``photo\u202egpj.exe`` of a JPEG -> ``photogpj.jpg``."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    seen = "".join(" " if sign.isspace() else sign for sign in last if unicodedata.category(sign) not in _UNSEEN)
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}\Z", "", " ".join(seen.split())) if extension else " ".join(seen.split())
    end = f".{extension}" if extension else ""
    return (hide(stem.strip(". "))[: LONGEST_NAME - len(end)].strip() or str(_("文件"))) + end


MOST_BARS = 20


def check_bars(bars: list[tuple[int, int, int, int]]) -> None:
    """Refuse black bars that cover nothing or lie outside the picture: left, top, right, bottom in thousandths."""
    if not bars:
        raise Refused(_("请先画出要盖住的地方。"))
    if len(bars) > MOST_BARS:
        raise Refused(_("一张照片最多盖 %(most)s 处。"), most=MOST_BARS)
    if not all(0 <= left < right <= 1000 and 0 <= top < bottom <= 1000 for left, top, right, bottom in bars):
        raise Refused(_("要盖住的地方不在照片里，请重画。"))
