"""Every page people can reach in the demo street, in two widths and two type sizes: no axe-core violation, no sideways scroll.

Each page is fetched once, first pages once more in English; the larger size and the phone are put on where it stands, as the cookie and the window would.
Contrast costs more than all other rules together: it is asked once of each look, of the first words that any page shows
so. In the larger size only those rules are asked again that a size can break, on the phone, where there is least room: a role,
a name, an order of headings stays what it was, and larger letters need less contrast.

On the phone the page is measured, too (``tests.browser.phone``): its head, what one taps, what lies over what, its height.

Pages are found by following links from each role's first page, as people do. Pages that no link of the street's worst
day leads to (a form for a state nothing is in) are not looked at here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import axe_playwright_python
import pytest
from django.urls import resolve

from hege.people.models import Role
from hege.places.rules import code_tokens
from hege.web.shell import SIZES
from tests.browser.conftest import DESK, HUGE, NORMAL, PHONE, sign_in
from tests.browser.let_in import WARM, let_in
from tests.browser.phone import faults
from tests.browser.site import STREET, Site
from tests.web.html import CHINESE, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = """async ([rules, known]) => {
  const said = found => found.violations.map(
    v => v.id + ': ' + v.nodes.slice(0, 2).map(n => n.html.slice(0, 120)).join(' | '));
  const short = text => {  // 53 bits of it
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      a = Math.imul(a ^ c, 2654435761);
      b = Math.imul(b ^ c, 1597334677);
    }
    return 4294967296 * (2097151 & (b ^ b >>> 13)) + ((a ^ a >>> 16) >>> 0);
  };
  const contrast = rules.includes('wcag2aa'), before = new Set(known), looks = new Map(), on = new Map();
  // What contrast hangs on, and the first words that look as none did before.
  for (const e of contrast ? document.querySelectorAll('*') : []) {
    const s = getComputedStyle(e), px = parseFloat(s.fontSize), large = px >= 24 || px >= 18.66 && s.fontWeight >= 700;
    on.set(e, short([on.get(e.parentElement), s.backgroundColor, s.backgroundImage, s.opacity, s.position].join()));
    const words = e.matches('input, select, textarea') || [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    const look = short([on.get(e), s.color, s.textShadow, large].join());
    if (words && !before.has(look) && !looks.has(look) && e.checkVisibility({visibilityProperty: true})) looks.set(look, e);
  }
  const wrong = said(await axe.run(document, {
    runOnly: rules, resultTypes: ['violations'], rules: contrast ? {'color-contrast': {enabled: false}} : {}}));
  if (looks.size)
    wrong.push(...said(await axe.run({include: [...looks.values()]},
      {runOnly: ['color-contrast'], resultTypes: ['violations']})));
  return [wrong, [...looks.keys()]];
}"""
#: A page as it stands, in another size of type: what ``shell.size`` says in it.
IN_SIZE = """([size, narrow]) => {
  document.documentElement.className = document.documentElement.className.replace(/size-[a-z]+/, 'size-' + size);
  for (const sheet of document.querySelectorAll('link[media*="max-width"]'))
    sheet.media = sheet.media.replace(/[0-9]+px/, narrow + 'px');
}"""
#: Below how many pixels a page is a phone's, in each size.
NARROW = {size.step: size.narrow_px for size in SIZES}
#: Buttons of a row that lie over words of the same row.
OVER_WORDS = """() => {
  const over = [];
  for (const row of document.querySelectorAll('main tr')) {
    for (const button of row.querySelectorAll('.btn')) {
      const b = button.getBoundingClientRect();
      if (!b.width || !button.checkVisibility()) continue;  // what is folded away has a place, and nobody sees it
      const words = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
      for (let text = words.nextNode(); text; text = words.nextNode()) {
        const at = text.parentElement;
        if (!text.data.trim() || button.contains(text) || at.closest('.visually-hidden') || !at.checkVisibility()) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const r of range.getClientRects())
          if (r.right > b.left + 1 && r.left < b.right - 1 && r.bottom > b.top + 1 && r.top < b.bottom - 1)
            over.push(button.textContent.trim() + ' lies over ' + text.data.trim());
      }
    }
  }
  return over.slice(0, 2);
}"""
WIDER = "document.scrollingElement.scrollWidth - window.innerWidth"
ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_SIZE = ["target-size", "scrollable-region-focusable"]

#: Whose first pages to begin at; each page is looked at once, by the first who finds it.
READERS = ["coordinator", "grid_worker", "mediator", "checker", "clerk", "auditor", "agent", "administrator", "leader"]

#: Areas of the programme, which one of the demo's streets alone is full of; the first page leads to all.
OF_THE_PROGRAMME = (
    "today", "programme", "activities", "alliance", "stations", "members", "points", "vouchers", "tills", "settlements",
    "thanks",
)  # fmt: skip

#: What people see first, and the narrowest phone there is.
FIRST = {"today:index", "member:index", "till:index", "shop:page", "account:sign_in", "answer:open", "answer:task"}
SMALL = {"width": 320, "height": 640}
#: In normal type on a phone: English words are longer.
LONGER = 1.25
#: Sheets to print and samples for builders: no phone is held to them.
PAPER = {"roll:print", "menu:poster", "gallery"}

#: Routes without a page of their own to look at.
NO_PAGE = {
    "account:home", "account:sign_out", "account:size", "account:language",  # they lead on
    "units:code", "meters:source", "jobs:taken", "imports:template", "imports:marked", "imports:original",  # files
}  # fmt: skip


def token_of(site: Site, code: str) -> str:
    """The secret in a shop's printed code."""
    columns = [
        site.one(f"SELECT {c} FROM places_unit WHERE code = ?", code) for c in ("id", "street_id", "link_serial")
    ]
    return next(code_tokens(columns[1], columns[0], columns[2]))


def find_pages(
    site: Site, request: Any, begin: list[str], known: set[str], areas: tuple[str, ...] = ()
) -> dict[str, str]:
    """Follow links, within some areas where there are any; the first address of each route not known yet.

    First pages always count: they differ by role.
    """
    first = [site.url(path) for path in begin]
    waiting, found, seen = list(first), dict[str, str](), set[str]()
    while waiting:
        address = waiting.pop(0)
        name = resolve(urlsplit(address).path).view_name
        if name in found or name in NO_PAGE or address in seen or (name in known and address not in first):
            continue
        if areas and name.split(":")[0] not in areas:
            continue
        seen.add(address)
        answer = request.get(address)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        found[name] = address
        links = [urljoin(address, link) for link in Page(answer.text()).links if link.startswith(("/", "?"))]
        waiting += [link for link in links if not urlsplit(link).path.startswith(("/static/", "/size/", "/language/"))]
    return found


class Reader(NamedTuple):
    """Who reads, empty for one who needs no account; signed in as a browser remembers it; the address of each route."""

    name: str
    signed_in: Any
    pages: dict[str, str]


@pytest.fixture(scope="module")
def readers(site: Site, chromium: Any) -> list[Reader]:
    """Every page that can be reached, with the first who finds it."""
    known: set[str] = set()
    rows: list[Reader] = []
    token = token_of(site, "ZB-0271-01") if site.one("SELECT 1 FROM places_unit WHERE code='ZB-0271-01'") else ""
    token = token or token_of(site, site.one("SELECT code FROM places_unit ORDER BY id LIMIT 1"))
    rows += of_the_programme(site, chromium)
    known |= {name for reader in rows for name in reader.pages}
    for reader in ["", *READERS]:
        context = chromium.new_context()
        begin = [
            "/sign-in/",
            "/h/check/",
            "/roll/",
            f"/menu/{STREET}/",
            "/menu/",
            f"/u/{token}/",
            f"/u/{token}/thanks/",
        ]
        if reader:
            sign_in(context.new_page(), site, reader)
            begin = [f"/{STREET}/", *([] if "gallery" in known else ["/gallery/"])]
        found = find_pages(site, context.request, begin, known)
        known |= found.keys()
        rows.append(Reader(reader, context.storage_state(), found))
        context.close()
    return rows


def of_the_programme(site: Site, chromium: Any) -> list[Reader]:
    """The pages of the programme as its coordinator, a member and a shop's till find them; an outsider's link."""
    rows, cookies = [], let_in(site)
    link = urlsplit(cookies.pop("a")["url"]).path
    for reader, begin, areas in (
        ("coordinator-huaxin", [f"/{WARM}/"], OF_THE_PROGRAMME), ("m", [f"/m/{WARM}/"], ("member",)),
        ("t", [f"/t/{WARM}/"], ("till",)), ("", [link, f"{link}task/"], ("answer",)),
    ):  # fmt: skip
        context = chromium.new_context()
        if reader in cookies:
            context.add_cookies([cookies[reader]])
        elif reader:
            sign_in(context.new_page(), site, reader)
        pages = find_pages(site, context.request, begin, set(), areas)
        rows.append(Reader(reader, context.storage_state(), pages))
        context.close()
    return rows


def test_the_walk_finds_the_main_pages(readers: list[Reader]):
    main = {
        "today:index",
        "cases:detail",
        "conferences:detail",
        "meters:detail",
        "shop:page",
        "imports:index",
        "trail:index",
        "activities:detail",
        "member:voucher",
        "members:detail",
        "till:index",
    }
    assert main - {name for reader in readers for name in reader.pages} == set()


class Eye:
    """Looks at pages one after another, and knows the looks whose contrast it has measured."""

    def __init__(self) -> None:
        self.known = set[int]()

    def wrong(self, page: Any, rules: list[str]) -> list[str]:
        """The rules that a page breaks as it stands now."""
        wrong, looks = page.evaluate(RUN, [rules, list(self.known)])
        self.known.update(looks)
        return list(wrong)


def test_a_contrast_that_is_lost_on_a_phone_alone_is_seen_there_and_once(chromium: Any):
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_content(
            "<html lang=zh><title>页</title><style>@media (max-width: 600px) { b { color: #ccc } }</style>"
        )
        page.evaluate("document.body.innerHTML = '<main><h1>页</h1><p>水费 <b>欠费</b></p></main>'")
        page.add_script_tag(content=AXE)
        eye, seen = Eye(), []
        for width in (DESK, PHONE, PHONE):
            page.set_viewport_size(width)
            seen.append(eye.wrong(page, ALL_RULES))
    assert seen == [[], ["color-contrast: <b>欠费</b>"], []]


def test_a_page_is_put_into_a_size_as_its_cookie_would(site: Site, opened: Any):
    page = opened(site, "coordinator", viewport=PHONE)
    shown = """[getComputedStyle(document.querySelector('main')).fontSize,
        ...[...document.querySelectorAll('link')].map(link => link.media)]"""
    page.wait_for_url(f"**/{STREET}/")
    page.evaluate(IN_SIZE, [HUGE, NARROW[HUGE]])
    put = page.evaluate(shown)
    page.context.add_cookies([{"name": "hege_size", "value": HUGE, "url": site.address}])
    page.reload()
    assert page.evaluate(shown) == put


def test_no_page_shuts_anybody_out(site: Site, chromium: Any, readers: list[Reader]):
    wrong, eye = list[str](), Eye()
    for reader in readers:
        context = chromium.new_context(bypass_csp=True, storage_state=reader.signed_in)
        context.add_init_script(AXE)
        page = context.new_page()
        for name, address in reader.pages.items():
            page.goto(address)
            for size, rules in ((NORMAL, ALL_RULES), (HUGE, RULES_OF_SIZE)):
                page.evaluate(IN_SIZE, [size, NARROW[size]])
                for width in (DESK, PHONE):
                    page.set_viewport_size(width)
                    where = f"{name} {address} at {width['width']} px, {size}"
                    if size == NORMAL or width == PHONE:
                        wrong += [f"{where}: {violation}" for violation in eye.wrong(page, rules)]
                    if width == DESK:
                        wrong += [f"{where}: {violation}" for violation in page.evaluate(OVER_WORDS)]
                    elif name not in PAPER:
                        wrong += [f"{where}: {fault}" for fault in faults(page, name, high=size == NORMAL)]
                    wider = page.evaluate(WIDER)
                    wrong += [f"{where}: {wider} px too wide"] if wider > 0 else []
        context.close()
    assert wrong == []


def test_everybody_has_a_first_page_of_their_own(readers: list[Reader]):
    assert {reader.name for reader in readers if "today:index" in reader.pages} >= {role.value for role in Role}
    assert FIRST - {name for reader in readers for name in reader.pages} == set()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_first_pages_shut_nobody_out_in_any_size_width_and_language(
    site: Site, chromium: Any, readers: list[Reader], language: str
):
    """What the walk above did not look at: the middle size, English, the smallest phone."""
    wrong, eye, english = list[str](), Eye(), language == "en"
    for reader in readers:
        context = chromium.new_context(bypass_csp=True, storage_state=reader.signed_in)
        context.add_cookies([{"name": "hege_language", "value": language, "url": site.address}])
        context.add_init_script(AXE)
        page = context.new_page()
        for name, address in reader.pages.items():
            if name not in FIRST:
                continue
            page.goto(address)
            if english and (unmarked := CHINESE.findall(Page(page.content(), without_own=True).text)):
                wrong.append(f"{name} of {reader.name} does not say that {unmarked} is Chinese")
            for size in NARROW:
                page.evaluate(IN_SIZE, [size, NARROW[size]])
                for width in (DESK, PHONE, SMALL):
                    page.set_viewport_size(width)
                    where = f"{name} of {reader.name} at {width['width']} px, {size}, {language}"
                    rules = ALL_RULES if english and size == NORMAL and width != SMALL else RULES_OF_SIZE
                    wrong += [f"{where}: {violation}" for violation in eye.wrong(page, rules)]
                    if width == DESK:
                        wrong += [f"{where}: {violation}" for violation in page.evaluate(OVER_WORDS)]
                    else:
                        high, longer = size == NORMAL and width == PHONE, LONGER if english else 1
                        wrong += [f"{where}: {fault}" for fault in faults(page, name, high=high, longer=longer)]
                    wider = page.evaluate(WIDER)
                    wrong += [f"{where}: {wider} px too wide"] if wider > 0 else []
        context.close()
    assert wrong == []
