"""What a person sees of a page, and what a browser would follow or send, read from its HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNSEEN = frozenset(("script", "style", "svg", "template"))
#: Parts of the frame that hold data cut short (the first letter of a name) or an address.
LEFT_OUT = frozenset(("hg-face", "hg-printed", "vf-snippet"))
#: What is read by programs and run by none.
DATA = ("application/json", "application/ld+json")
#: What people's own words are marked with (``hege.web.own_words``).
OWN = re.compile(r"</?bdi\b[^>]*>")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
#: What holds no tags, so that words within it cannot be marked; one option is marked as a whole, or not at all.
PLAIN = frozenset(("title", "textarea", "option"))
WORDS_IN = ("aria-label", "alt", "title", "placeholder", "data-say")


@dataclass
class SentForm:
    """A form as a browser would send it untouched."""

    action: str
    method: str
    files: bool
    #: Name -> values as filled in: text, hidden, ticked boxes, chosen options, the first button.
    values: dict[str, list[str]] = field(default_factory=dict)
    #: Names of fields that must be filled in and are empty.
    required: set[str] = field(default_factory=set)
    #: Name -> the values one may choose from.
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """One page, read once."""

    html: str
    #: Whether what is marked as people's own words is left out of what is read; else they are read like the words round them.
    without_own: bool = False
    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[SentForm] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    language: str = ""
    classes: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool]] = []
        self._select: tuple[str, list[str]] | None = None
        self._textarea: str | None = None
        self.feed(self.html if self.without_own else OWN.sub("", self.html))
        self.close()

    @property
    def text(self) -> str:
        """The visible words, one run a line, also those only a screen reader says; not those in another language.

        Nor what is marked ``translate="no"``: digests, serials, addresses, what is typed letter by letter.
        """
        return "\n".join(" ".join(t.split()) for t in self.texts if t.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language, self.classes = given.get("lang", ""), given.get("class", "")
        hidden = tag in UNSEEN or bool(LEFT_OUT & set(given.get("class", "").split())) or given.get("translate") == "no"
        ours = (self.language, *(["zh"] if tag == "option" else []))  # what marks people's own words in an option
        foreign = tag != "html" and "lang" in given and given["lang"] not in ours
        seen = not hidden and not foreign and all(shown for _tag, shown in self._open)
        if tag not in VOID:
            self._open.append((tag, seen))
        self.ids += [given["id"]] if "id" in given else []
        self.headings += [tag] if tag in ("h1", "h2", "h3", "h4") else []
        self.inline += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in given and given.get("type") not in DATA:
            self.inline.append("<script> without src")
        if seen and not self.without_own:
            self.texts += [given[name] for name in WORDS_IN if given.get(name)]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        self._form_part(tag, given)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                break
        if tag == "select" and self._select and self.forms:
            name, chosen = self._select
            options = self.forms[-1].choices[name]
            self.forms[-1].values[name] = chosen or options[:1]
            self._select = None
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self.without_own and any(tag in PLAIN for tag, _shown in self._open):
            return
        if all(shown for _tag, shown in self._open):
            self.texts.append(data)
        if self._textarea and self.forms:
            kept = self.forms[-1].values[self._textarea]
            self.forms[-1].values[self._textarea] = ["".join(kept) + data.lstrip("\n")]

    def _form_part(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            files = given.get("enctype") == "multipart/form-data"
            self.forms.append(SentForm(given.get("action", ""), given.get("method", "get").lower(), files))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "option" and self._select:
            name, chosen = self._select
            form.choices[name].append(given.get("value", ""))
            if "selected" in given:
                chosen.append(given.get("value", ""))
        if not name:
            return
        if "required" in given and not given.get("value"):
            form.required.add(name)
        if tag == "select":
            self._select = (name, [])
            form.choices[name] = []
        elif tag == "textarea":
            self._textarea = name
            form.values[name] = [""]
        elif tag == "button" or given.get("type") == "submit":
            form.values.setdefault(name, [given.get("value", "")])
        elif tag == "input":
            self._input(form, name, given)

    def _input(self, form: SentForm, name: str, given: dict[str, str]) -> None:
        if given.get("type") in ("checkbox", "radio"):
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        elif given.get("type") != "file":
            form.values.setdefault(name, []).append(given.get("value", ""))
