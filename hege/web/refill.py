"""Putting what somebody had typed back into the form of a page (草稿回填), as the browser would have it.

It works on the page as it is sent, whatever drew it: the same for every form, and for a form that has changed meanwhile. What
still has a place is put there; what has none is handed back, to be shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

from hege.workspace.rules import Typed

#: Controls that hold nothing one typed, or nothing that comes back: hidden ones say what the form is about now.
UNTYPED = frozenset({"hidden", "submit", "button", "reset", "image", "file", "password"})
TICKED = frozenset({"checkbox", "radio"})
#: A value of ours (a row's number, the name of a choice), which says nothing to a person.
_CODE = re.compile(r"[a-z0-9_]*", re.ASCII)
Attributes = dict[str, str | None]
#: From, to, and what stands there instead.
Change = tuple[int, int, str]


@dataclass
class Control:
    """One control of a form: where it stands in the page, from the first sign of its tag to the first after what it holds."""

    tag: str
    says: Attributes
    at: int
    within: int
    until: int = 0
    options: list[Control] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return (self.says.get("type") or "text").lower() if self.tag == "input" else self.tag

    @property
    def name(self) -> str:
        return self.says.get("name") or ""

    @property
    def value(self) -> str:
        return self.says.get("value") or ("on" if self.kind in TICKED else "")


@dataclass
class FoundForm:
    """A form of a page: where it begins, the path it is sent to, its controls in order."""

    at: int
    path: str
    controls: list[Control] = field(default_factory=list)
    outputs: list[Control] = field(default_factory=list)

    @property
    def typed(self) -> list[Control]:
        return [c for c in self.controls if c.name and c.kind not in UNTYPED]

    @property
    def takes_files(self) -> bool:
        return any(c.kind == "file" for c in self.controls)

    def likeness(self, typed: Typed) -> tuple[int, int]:
        """How much of what was sent is about the same as this form is, and how many of its fields it has."""
        hidden = [c for c in self.controls if c.kind == "hidden" and c.value in typed.get(c.name, ())]
        return len(hidden), len({c.name for c in self.typed} & typed.keys())


class Refilled(NamedTuple):
    """The changes of a page that put a draft back: (from, to, text); what has no place in it; how many choices are gone."""

    form: FoundForm
    changes: list[Change]
    lost: list[str]
    gone: int


class _Reader(HTMLParser):
    """Finds the office's forms (``hg-form``) of a page and their controls."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.forms = path, list[FoundForm]()
        self._lines = [0, *(m.end() for m in re.finditer("\n", html))]
        self._form: FoundForm | None = None
        self._open: Control | None = None
        self._select: Control | None = None
        self.feed(html)
        self.close()

    @property
    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        says, at = dict(attrs), self._here
        if tag == "form":
            ours = "hg-form" in (says.get("class") or "").split() and (says.get("method") or "").lower() == "post"
            path = urlsplit(says.get("action") or "").path or self.path
            self._form = FoundForm(at, path) if ours else None
            self.forms += [self._form] if self._form else []
        if self._form is None or tag not in ("input", "select", "option", "textarea", "output"):
            return
        found = Control(tag, says, at, at + len(self.get_starttag_text() or ""))
        if tag == "option" and self._select:
            self._select.options.append(found)
        elif tag == "output":
            self._form.outputs.append(found)
        elif tag != "option":
            self._form.controls.append(found)
        self._select = found if tag == "select" else self._select
        self._open = found if tag in ("textarea", "output") else self._open

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open.tag:
            self._open.until, self._open = self._here, None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._form = None


def forms_of(html: str, path: str) -> list[FoundForm]:
    """The office's forms of a page that was opened at a path."""
    return _Reader(html, path).forms


def refilled(forms: list[FoundForm], address: str, typed: Typed) -> Refilled | None:
    """How a draft goes back into the form among these that is sent to its address; None where none is."""
    fitting = [form for form in forms if form.path == address and form.typed]
    if not fitting:
        return None
    form = max(fitting, key=lambda one: one.likeness(typed))
    left = {name: list(values) for name, values in typed.items()}
    changes = [change for control in form.typed for change in _put(control, typed, left)]
    choices = {c.name for c in form.typed if c.kind in TICKED or c.tag == "select"}
    gone = sum(len([*filter(None, left.pop(name, []))]) for name in choices)
    untyped = {c.name for c in form.controls if c.kind in UNTYPED}
    lost = [v for name, values in left.items() if name not in untyped for v in values if not _CODE.fullmatch(v)]
    return Refilled(form, [*changes, *_silenced(form, typed)], lost, gone)


def _put(control: Control, typed: Typed, left: dict[str, list[str]]) -> Iterator[Change]:
    """The changes of one control; takes what it could hold out of what is ``left``."""
    if not typed.get(control.name) and control.kind != "checkbox":
        return
    values = left.get(control.name, [])
    if control.kind in TICKED:
        yield _marked(control, "checked", on=_taken(control.value, values))
    elif control.tag == "select":
        chosen = {option.value for option in control.options if _taken(option.value, values)}
        for option in control.options if chosen else ():
            yield _marked(option, "selected", on=option.value in chosen)
    elif values and control.tag == "textarea":
        yield control.within, control.until, "\n" + escape(values.pop(0))
    elif values:
        yield control.at, control.within, _written("input", {**control.says, "value": values.pop(0)})


def _taken(value: str, values: list[str]) -> bool:
    if value not in values:
        return False
    values.remove(value)
    return True


def _marked(control: Control, word: str, *, on: bool) -> Change:
    says = {name: value for name, value in control.says.items() if name != word}
    return control.at, control.within, _written(control.tag, {**says, word: None} if on else says)


def _written(tag: str, says: Attributes) -> str:
    parts = [name if value is None else f'{name}="{escape(value)}"' for name, value in says.items()]
    return f"<{' '.join([tag, *parts])}>"


def _silenced(form: FoundForm, typed: Typed) -> Iterator[Change]:
    """What said back the former value of a field (a sum in capitals, a weekday) says nothing."""
    ids = {c.says.get("id") for c in form.typed if c.name in typed}
    for output in form.outputs:
        if output.until and output.says.get("for") in ids:
            yield output.within, output.until, ""


def changed(html: str, changes: list[Change]) -> str:
    """The page with its changes, which do not lie over each other."""
    parts, at = [], 0
    for begins, ends, text in sorted(changes, key=lambda change: change[:2]):
        parts += [html[at:begins], text]
        at = ends
    return "".join([*parts, html[at:]])
