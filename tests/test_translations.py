"""Every text a person can meet has an English version that says as much."""

from __future__ import annotations

import re

from babel.messages.catalog import Message

from tests.translations import KEYWORDS, SOURCES, english, texts

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Names that stay Chinese in English too, since people know them by no other.
CHINESE_IN_ENGLISH = {"中文"}


def parts(value: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def messages() -> list[Message]:
    return [message for message in english() if message.id]


def test_every_text_in_code_and_templates_is_in_the_english_catalogue():
    known = {(message.context, str(message.id)) for message in messages()}
    missing = [m.id for m in texts() if m.id and (m.context, str(m.id)) not in known]
    assert missing == [], "run make translations, then fill in hege/locale/en/LC_MESSAGES/django.po"


def test_a_text_is_found_by_whatever_name_it_is_marked_with():
    said = (re.findall(r"gettext\w* as (\w+)", path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py"))
    assert {name for names in said for name in names} - KEYWORDS.keys() == set()


def test_every_text_has_an_english_version():
    empty = [m.id for m in messages() if not m.string or not all(part.strip() for part in parts(m.string)) or m.fuzzy]
    assert empty == []


def test_the_catalogue_holds_no_text_that_nobody_uses():
    used = {(message.context, str(message.id)) for message in texts()}
    assert [m.id for m in messages() if (m.context, str(m.id)) not in used] == []


def test_an_english_version_keeps_the_placeholders_of_the_chinese():
    wrong = []
    for message in messages():
        wanted = sorted(set(PLACEHOLDER.findall(parts(message.id)[-1])) - {"%%"})
        wrong += [
            (message.id, translated)
            for translated in parts(message.string)
            if translated and sorted(set(PLACEHOLDER.findall(translated)) - {"%%"}) != wanted
        ]
    assert wrong == []


def test_an_english_version_is_english():
    wrong = [m.id for m in messages() for part in parts(m.string) if CHINESE.search(part)]
    assert [text for text in wrong if text not in CHINESE_IN_ENGLISH] == []


def test_a_text_that_counts_is_drawn_by_its_number():
    """A text that is written as one of several elsewhere would say "47 shop" where it is drawn as a plain one."""
    counting = {str(message.id[0]) for message in texts() if message.id and not isinstance(message.id, str)}
    plain = re.compile(r'(?<!\w)(?:_|gettext(?:_lazy)?)\(\s*"([^"]+)"')
    files = [*SOURCES.rglob("*.py"), *SOURCES.rglob("templates/**/*.*")]
    drawn = {text for file in files for text in plain.findall(file.read_text(encoding="utf-8"))}
    assert drawn & counting == set()
