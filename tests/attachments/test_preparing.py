"""What comes in is looked at in a child: clean pictures, papers that run nothing, or a sentence."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from hege.attachments import preparing, store
from hege.attachments.preparing import Prepared, prepare
from hege.attachments.rules import MOST_BYTES, Purpose, clean_name
from hege.kernel.refused import Refused
from tests.attachments.files import GPS, SVG, bomb, heic_bomb, lying, office, packed_pdf, pdf, phone_photo, picture


def looked_at(
    data: bytes, name: str = "IMG_1.jpg", *, purpose: Purpose = Purpose.PHOTO, pictures_only: bool = False
) -> Prepared:
    return prepare(name, len(data), lambda: data, purpose=purpose, pictures_only=pictures_only)


def opened(sha256: str) -> Image.Image:
    return Image.open(io.BytesIO(store.read(sha256)))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_a_picture_of_any_sort_becomes_a_jpeg_of_ours(form: str):
    kept = looked_at(picture(form), "门口.heic")
    assert (kept.name, kept.media_type, kept.width, kept.height) == ("门口.jpg", "image/jpeg", 640, 480)
    assert opened(kept.sha256).format == opened(kept.small_sha256).format == "JPEG"
    assert opened(kept.small_sha256).size == (320, 240)
    red, _green, blue = opened(kept.sha256).convert("RGB").getpixel((100, 240))  # type: ignore[misc]
    assert (red > 150, blue < 100) == (True, True)


def test_a_phones_picture_stands_upright_and_tells_nothing_of_the_phone():
    sent = phone_photo()
    kept = looked_at(sent)
    assert (kept.width, kept.height) == (480, 640)
    for sha256 in (kept.sha256, kept.small_sha256):
        assert not opened(sha256).getexif()
        assert GPS not in store.read(sha256)
        assert b"reporter" not in store.read(sha256)


def test_as_it_came_a_picture_is_kept_where_it_is_evidence_and_nowhere_else():
    sent = phone_photo((642, 480))  # sent by no other test
    assert looked_at(sent).original_sha256 == ""
    assert store.hash_of(store.digest(sent)) is None
    kept = looked_at(sent, purpose=Purpose.RECEIPT)
    assert (store.read(kept.original_sha256), kept.original_size) == (sent, len(sent))


def test_a_large_picture_is_made_smaller():
    kept = looked_at(picture(size=(5000, 2500)))
    assert (kept.width, kept.height) == (2048, 1024)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "CMYK", "I;16"])
def test_a_picture_of_any_colours_is_taken(mode: str):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert looked_at(picture(form, mode=mode)).width == 640


def test_what_else_lies_in_a_picture_is_left_behind():
    polyglot = picture(comment=b"<script>alert(1)</script>") + b"PK\x03\x04 <html><script>alert(2)</script>"
    kept = looked_at(polyglot, "picture.html")
    assert kept.name == "picture.jpg"
    assert b"script" not in store.read(kept.sha256)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 字节"),
        (bytes(MOST_BYTES + 1), "13 MB"),
        (SVG, "这种文件不收"),
        (b"GIF89a" + bytes(100), "这种文件不收"),
        (b"MZ" + bytes(100), "这种文件不收"),
        (b"\0\0\0\x1cftypavif" + bytes(100), "这种文件不收"),
        (heic_bomb(), "已损坏|像素太多"),
        (picture()[:2000], "已损坏"),
        (b"\xff\xd8\xff" + bytes(1000), "已损坏"),
        (picture("PNG")[:300], "已损坏"),
        (b"RIFF\0\0\0\0WEBP" + bytes(50), "已损坏"),
        (pdf()[:60], "已损坏"),
        (pdf(b"<< /Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"), "有脚本"),
        (pdf(b"<< /Type /Catalog /OpenAction << /S /J#61vaScript /JS (app.alert(1)) >> >>"), "有脚本"),
        (packed_pdf(b"1 0 << /S /JavaScript /JS (app.alert(1)) >>"), "有脚本"),
        (lambda: packed_pdf(bytes(101 << 20)), "大得不正常"),
        (pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"), "夹带的文件"),
        (pdf(b"<< /Encrypt 3 0 R >>"), "有密码"),
        (pdf(after=office()), "藏着别的文件"),
        (office() + SVG, "藏着别的文件"),
        (office("xl/workbook.xml", "word/document.xml"), "藏着别的文件"),
        (office("a.txt"), "是压缩包"),
        (office("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
        (office("word/document.xml", "word/embeddings/oleObject1.bin"), "夹带的文件"),
        (lambda: office("word/document.xml", size=51 << 20), "大得不正常"),
        (b"PK\x03\x04" + bytes(100), "已损坏"),
    ],
)
def test_what_is_not_taken_is_refused_in_a_sentence(data: bytes | Callable[[], bytes], said: str):
    with pytest.raises(Refused, match=said) as refused:
        looked_at(data() if callable(data) else data, "x" * 400 + "\u202egpj.exe")
    assert "\u202e" not in str(refused.value)
    assert len(str(refused.value)) < 250


@pytest.mark.slow
def test_a_picture_of_144_megapixels_is_refused_before_one_is_decoded(monkeypatch: pytest.MonkeyPatch):
    data = bomb()
    assert len(data) < 1 << 20
    monkeypatch.setattr(preparing, "LIMITS", preparing.LIMITS._replace(memory=300 << 20))
    with pytest.raises(Refused, match="最多 40,000,000 个"):
        looked_at(data)


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (lying("WEBP", (5001, 5000)), "25,000,000"),
        (lying("JPEG", (6001, 5000), mode="CMYK"), "30,000,000"),
        (lying("JPEG", (8001, 5000)), "40,000,000"),
        (lying("PNG", (8001, 5000)), "40,000,000"),
    ],
)
def test_pixels_are_counted_by_what_their_decoder_takes(data: bytes, most: str):
    with pytest.raises(Refused, match=f"最多 {most} 个"):
        looked_at(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (pdf(), "回单.pdf"),
        (packed_pdf(b"1 0 << /Type /Pages >>"), "回单.pdf"),
        (office(), "回单.xlsx"),
        (office("word/document.xml"), "回单.docx"),
    ],
)
def test_a_paper_is_kept_as_it_is_with_the_end_of_what_it_holds(data: bytes, name: str):
    kept = looked_at(data, "回单.exe")
    assert (kept.name, store.read(kept.sha256), kept.size) == (name, data, len(data))
    assert (kept.small_sha256, kept.original_sha256) == ("", "")


def test_where_pictures_are_asked_for_a_paper_is_none():
    with pytest.raises(Refused, match="不是照片"):
        looked_at(pdf(), pictures_only=True)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\fakepath\\门口.JPG", "门口.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("photo\u202egpj.exe", "photogpj.jpg"),
        ("\u200f\u202e\x07.png", "文件.jpg"),
        ("   a  b .jpeg", "a b.jpg"),
        ("张三13812345678.jpg", "张三［电话已隐去］.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("a" * 400 + ".jpg", "a" * 116 + ".jpg"),
    ],
)
def test_a_name_says_what_it_seems_to_say(name: str, clean: str):
    assert clean_name(name, "jpg") == clean
