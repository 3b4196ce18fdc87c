"""Files made to do harm, as many as are wanted, and the same ones again for the same seed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from PIL import Image

from hege.attachments.rules import MOST_BYTES
from tests.attachments.files import SVG, bomb, heic_bomb, lying, office, packed_pdf, pdf, phone_photo, picture

SMALL = (64, 48)


class Hostile(NamedTuple):
    """A file: what was done to it, its name as it is sent, what it holds."""

    kind: str
    name: bytes
    data: bytes

    @property
    def is_nameless(self) -> bool:
        """Whether nothing of its name can be read: no browser sends such a part, and it counts as no file."""
        try:
            return not any(map(str.isprintable, self.name.decode()))
        except UnicodeDecodeError:
            return True


@cache
def wholes() -> dict[str, bytes]:
    """One small file of each sort that is taken."""
    forms = {form: picture(form, SMALL) for form in ("JPEG", "PNG", "WEBP", "HEIC")}
    packed = {"packed PDF": packed_pdf(b"1 0 << /Type /Pages >>"), "docx": office("word/document.xml")}
    return {**forms, "photo": phone_photo(SMALL), "PDF": pdf(), "xlsx": office(), **packed}


@cache
def made_bombs() -> list[bytes]:
    """Little that becomes very much: made once, since it takes seconds."""
    return [
        bomb(), heic_bomb(), lying("WEBP", (16_000, 16_000)), lying("JPEG", (65_000, 65_000)), in_words(64 << 20),
        office("word/document.xml", size=101 << 20), packed_pdf(bytes(101 << 20)), many_parts(),
    ]  # fmt: skip


def in_words(size: int) -> bytes:
    """A PNG that brings so many bytes of text, packed."""
    whole, text = picture("PNG", SMALL), b"zTXtwords\0\0" + zlib.compress(bytes(size), 9)
    return whole[:33] + struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text)) + whole[33:]


def many_parts() -> bytes:
    """An office file of more parts than one has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *map(str, range(6000))):
            parts.writestr(name, b"")
    return out.getvalue()


def any_whole(dice: Random) -> bytes:
    return dice.choice(list(wholes().values()))


def cut_short(dice: Random) -> bytes:
    whole = any_whole(dice)
    return whole[: dice.randrange(1, len(whole))]


def bits_flipped(dice: Random) -> bytes:
    made = bytearray(any_whole(dice))
    for _n in range(dice.choice([1, 2, 8, 64])):
        made[dice.randrange(len(made))] ^= 1 << dice.randrange(8)
    return bytes(made)


def head_of_another(dice: Random) -> bytes:
    size = dice.choice([4, 12, 16, 32])
    return any_whole(dice)[:size] + any_whole(dice)[size:]


def two_in_one(dice: Random) -> bytes:
    return any_whole(dice) + dice.choice([any_whole(dice), SVG, b"<html><script>alert(1)</script></html>"])


def one_within(dice: Random) -> bytes:
    whole, other = any_whole(dice), any_whole(dice)
    at = dice.randrange(len(whole))
    return whole[:at] + other + whole[at:]


def a_stretch_filled(dice: Random) -> bytes:
    made = bytearray(any_whole(dice))
    at, size = dice.randrange(len(made)), dice.choice([1, 4, 16, 200])
    made[at : at + size] = dice.choice([b"\0", b"\xff", b"\x80", b"\n"]) * size
    return bytes(made)


def lengths_lied_about(dice: Random) -> bytes:
    made = bytearray(any_whole(dice))
    at = dice.randrange(4, min(400, len(made) - 4))
    made[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), dice.randbytes(4)])
    return bytes(made)


def a_stretch_gone_or_twice(dice: Random) -> bytes:
    whole = any_whole(dice)
    first, last = sorted(dice.sample(range(len(whole)), 2))
    return whole[:first] + (whole[last:] if dice.random() < 0.5 else whole[first:last] + whole[first:])


def size_lied_about(dice: Random) -> bytes:
    sides = [0, 1, 63, 5000, 16_000, 65_535]
    form = dice.choice(["JPEG", "PNG", "WEBP", "HEIC"])
    size = (dice.choice(sides), dice.choice(sides))
    return lying(form, (max(1, min(size[0], 16_384)), max(1, min(size[1], 16_384))) if form == "WEBP" else size)


def tags_of_rubbish(dice: Random) -> bytes:
    tags = b"Exif\0\0" + dice.choice([b"II*\0", b"MM\0*"]) + dice.randbytes(dice.randrange(200))
    return picture(size=SMALL, exif=tags, icc_profile=dice.randbytes(dice.randrange(1, 300)))


def profiles_of_rubbish(dice: Random) -> bytes:
    form = dice.choice(["PNG", "WEBP"])
    return picture(form, SMALL, icc_profile=dice.randbytes(dice.randrange(1, 300)))


def odd_shapes(dice: Random) -> bytes:
    size = dice.choice([(1, 1), (1, 3000), (3000, 1), (2049, 2), (7, 7)])
    return picture(dice.choice(["JPEG", "PNG", "WEBP", "HEIC"]), size)


def many_frames(dice: Random) -> bytes:
    first, *rest = (Image.effect_noise(SMALL, dice.randrange(1, 99)) for _n in range(12))
    out = io.BytesIO()
    first.save(out, dice.choice(["PNG", "WEBP"]), save_all=True, append_images=rest)
    return out.getvalue()


def nothing_but_noise(dice: Random) -> bytes:
    return any_whole(dice)[: dice.choice([3, 8, 12])] + dice.randbytes(dice.choice([1, 100, 5000]))


def what_runs(dice: Random) -> bytes:
    word = "".join(f"#{ord(c):02x}" if dice.random() < 0.3 else c for c in "JavaScript").encode()
    acts = [
        pdf(b"<< /Type /Catalog /OpenAction << /S /%s /JS (app.alert(1)) >> >>" % word),
        packed_pdf(b"1 0 << /S /%s /JS (app.alert(1)) >>" % word), pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"),
        pdf(b"<< /S /Launch /F (cmd.exe) >>"), pdf(b"<< /Encrypt 3 0 R >>"), office("xl/workbook.xml", "xl/vbaProject.bin"),
        office("word/document.xml", "word/embeddings/a.bin"), office("xl/workbook.xml", "../../etc/cron.d/a.exe"),
    ]  # fmt: skip
    return dice.choice(acts)


def what_is_not_taken(dice: Random) -> bytes:
    return dice.choice(
        [SVG, b"GIF89a" + bytes(100), b"MZ" + bytes(100), b"\x7fELF", b"#!/bin/sh\n", b"<?php", b"BM" + bytes(60),
         b"II*\0" + bytes(60), b"%!PS-Adobe", b"\0\0\0\x1cftypavif" + bytes(90), b"{}", b"\x1f\x8b\x08"]
    )  # fmt: skip


def too_large(dice: Random) -> bytes:
    return any_whole(dice) + bytes(MOST_BYTES)


def nothing(_dice: Random) -> bytes:
    return b""


def bombs(dice: Random) -> bytes:
    return dice.choice(made_bombs())


#: What is done, and how often beside the others.
KINDS: dict[Callable[[Random], bytes], int] = {
    any_whole: 4, cut_short: 8, bits_flipped: 12, head_of_another: 5, two_in_one: 5, one_within: 5, a_stretch_filled: 8,
    lengths_lied_about: 8, a_stretch_gone_or_twice: 6, size_lied_about: 8, tags_of_rubbish: 4, profiles_of_rubbish: 3,
    odd_shapes: 3, many_frames: 3, nothing_but_noise: 5, what_runs: 5, what_is_not_taken: 4, nothing: 1,
}  # fmt: skip
RARE = [bombs, too_large]  # cost much
NAMES = [
    "照片.jpg", "a" * 400 + ".jpg", "\u202egpj.exe", "甲\u200f\u202e" * 130 + ".png", "../../../etc/passwd", "C:\\fakepath\\门口.JPG",
    "x\0.png", "\0", "a%00b%0d%0ac.pdf", "a\x01\x7f\x9b.jpg", "CON.pdf", "’;--\t.docx", "😀" * 60 + ".heic", "a/b\\c.webp",
    "张三13812345678.jpg", "<script>alert(1)</script>.jpg", ".htaccess", "{{ 7*7 }}%s%n.xlsx", "\ufeff\u2028\u2029.jpg",
]  # fmt: skip
BROKEN_NAMES = [b"\xff\xfe.jpg", b"\xed\xa0\x80.png", b'a\\"b.jpg', b"GB\xd5\xd5\xc6\xac.jpg"]


def hostile(seed: int, count: int, *, rare_every: int = 100) -> Iterator[Hostile]:
    """So many files, each sort of harm in its turn; a rare one in every so many."""
    turns = [kind for kind, often in KINDS.items() for _n in range(often)]
    Random(seed).shuffle(turns)
    names = [name.encode() for name in NAMES] + BROKEN_NAMES
    for n in range(count):
        dice = Random(f"{seed} {n}")
        kind = dice.choice(RARE) if n % rare_every == rare_every - 1 else turns[n % len(turns)]
        yield Hostile(kind.__name__.replace("_", " "), dice.choice(names), kind(dice))
