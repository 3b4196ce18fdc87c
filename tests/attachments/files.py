"""Files as people send them, and as attackers do."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pillow_heif
from PIL import Image

GPS = b"31.1234N 121.2345E"


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), *, mode: str = "RGB", **more: object) -> bytes:
    """A picture whose left half is red and whose right half is blue; black and white where it knows no colours."""
    made = Image.new("RGB", size, (200, 30, 30))
    made.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    if form == "HEIC":
        pillow_heif.from_pillow(made).save(out, quality=70)
    else:
        made.convert(mode).save(out, form, **more)
    return out.getvalue()


def phone_photo(size: tuple[int, int] = (640, 480), *, orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: lying on its side, with place, device and owner in its tags."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone of the reporter"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 12.0, 34.5), 3: "E", 4: (121.0, 23.0, 45.6)})
    return picture(size=size, exif=exif.tobytes(), comment=GPS)


def bomb(width: int = 12_000, height: int = 12_000) -> bytes:
    """A PNG of 144 megapixels in some hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = b"\0" + bytes(width * 3)
    rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def heic_bomb() -> bytes:
    """A HEIC whose header says that it has 3,600 megapixels, over the pixels of a small one."""
    return lying("HEIC", (60_000, 60_000))


def lying(form: str, size: tuple[int, int], *, mode: str = "RGB") -> bytes:
    """A small picture whose header says that it is of another size."""
    more = {"lossless": True} if form == "WEBP" else {}
    small, (width, height) = picture(form, (64, 48), mode=mode, **more), size
    if form == "WEBP":  # fourteen bits each, less one
        at, said = small.index(b"VP8L") + 9, struct.pack("<I", (width - 1) | (height - 1) << 14)
    elif form == "JPEG":
        at, said = small.index(b"\xff\xc0") + 5, struct.pack(">HH", height, width)
    elif form == "PNG":
        head = small[12:16] + struct.pack(">II", width, height) + small[24:29]
        at, said = 12, head + struct.pack(">I", zlib.crc32(head))
    else:
        at, said = small.index(b"ispe") + 8, struct.pack(">II", width, height)
    return small[:at] + said + small[at + len(said) :]


def pdf(inside: bytes = b"<< /Type /Catalog /Pages 2 0 R >>", after: bytes = b"") -> bytes:
    """A PDF of one object."""
    body = b"%PDF-1.7\n1 0 obj\n" + inside + b"\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    return body + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n" + after


def packed_pdf(objects: bytes) -> bytes:
    """A PDF whose objects are packed into a stream."""
    packed = zlib.compress(objects)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % len(packed)
    return pdf(head + b"\nstream\n" + packed + b"\nendstream")


def office(main: str = "xl/workbook.xml", *more: str, size: int = 100) -> bytes:
    """An office file with some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in ("[Content_Types].xml", main, *more):
            parts.writestr(name, bytes(size))
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
