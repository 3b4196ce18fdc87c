"""The reader of papers, run by ``hege.kernel.limited``: whether a PDF or an office file is what it says and runs nothing.

Papers are kept byte by byte and never shown inside a page. What could act by itself on the desk of who opens one is
refused: scripts, files within files, macros, and files that are two things at once.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from hege.attachments.told import DAMAGED, Answer, No, _, answer

MOST_UNPACKED = 100 << 20  # of all parts together
MOST_PARTS = 5000
MAIN_PARTS = {"XLSX": "xl/workbook.xml", "DOCX": "word/document.xml"}
END_OF_ZIP = 22  # bytes of its last record, without a comment

RUNS = _("“%(name)s”里有脚本、宏或夹带的文件，为安全不收；请打印成新的 PDF，或拍照上传。")
LOCKED = _("“%(name)s”有密码；请去掉密码后再上传。")
TWO_THINGS = _("“%(name)s”里面还藏着别的文件，为安全不收；请重新导出或拍照上传。")
ABNORMAL = _("“%(name)s”解压后大得不正常，已拒收。")
NO_PAPER = _("“%(name)s”是压缩包，不是文书；请解压后上传里面的文件。")

#: Names in a PDF that act, carry or reach out; long enough that no packed picture holds one by chance.
_ACTS = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
LONGEST_DICTIONARY = 4096
#: Beginnings of parts of an office file that act or carry.
_PARTS_THAT_ACT = re.compile(
    r"vbaProject|/embeddings/|/activeX/|\.(exe|dll|bat|cmd|js|vbs|ps1|lnk|scr)$", re.IGNORECASE
)


def look(question: dict[str, Any], data: bytes) -> Answer:
    """Which sort it is; or why it is not taken."""
    return Answer({"sort": _pdf(data) if data.startswith(b"%PDF-") else _office(data)})


def _pdf(data: bytes) -> str:
    end = data.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in data:
        raise No(DAMAGED)
    if data[end + 5 :].strip(b"\r\n\t \0"):
        raise No(TWO_THINGS)
    for part in _readable(data):
        if re.search(rb"/Encrypt(?![A-Za-z0-9])", part):
            raise No(LOCKED)
        if _ACTS.search(part):
            raise No(RUNS)
    return "PDF"


def _readable(data: bytes) -> Iterator[bytes]:
    """The file as it stands, and each stream of objects that is packed into it, with the names spelt out."""
    yield _spelt_out(data)
    left = MOST_UNPACKED
    for begun in _STREAM.finditer(data):
        before = data[max(0, begun.start() - LONGEST_DICTIONARY) : begun.start()]
        told = _spelt_out(before[before.rfind(b"obj") :])
        if b"/ObjStm" in told and b"/Filter" in told:
            unpacked = _unpacked(data[begun.end() :], left)
            if b"/Predictor" in told:
                raise No(DAMAGED)
            left -= len(unpacked)
            yield _spelt_out(unpacked)


def _spelt_out(text: bytes) -> bytes:
    """With the signs of names as they are: ``/J#61vaScript`` is ``/JavaScript``."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text)


def _unpacked(packed: bytes, most: int) -> bytes:
    """A stream of objects, unpacked within bounds. What is packed otherwise cannot be looked into."""
    reader = zlib.decompressobj()
    try:
        unpacked = reader.decompress(packed, max(1, most))
    except zlib.error:
        raise No(DAMAGED) from None
    if reader.unconsumed_tail and not reader.eof:
        raise No(ABNORMAL)
    return unpacked


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            told = parts.infolist()
            begins_at = min((part.header_offset for part in told), default=1)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise No(DAMAGED) from None
    names = {part.filename for part in told}
    if len(told) > MOST_PARTS or sum(part.file_size for part in told) > MOST_UNPACKED:
        raise No(ABNORMAL)
    if any(part.flag_bits & 1 for part in told):
        raise No(LOCKED)
    sorts = [sort for sort, part in MAIN_PARTS.items() if part in names]
    if not sorts or "[Content_Types].xml" not in names:
        raise No(NO_PAPER)
    if begins_at or len(sorts) > 1 or data.rfind(b"PK\x05\x06") + END_OF_ZIP != len(data):
        raise No(TWO_THINGS)
    if any(_PARTS_THAT_ACT.search(name) for name in names):
        raise No(RUNS)
    return sorts[0]


def main() -> None:
    """The child's program."""
    answer(look)
