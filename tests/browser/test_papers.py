"""Every paper, looked at, issued, printed by Chromium: pages as planned, nothing over another, nothing beside it, checked in public."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from hege.arrears.cutoff.actions import demand_payment
from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.rules import Delivery
from hege.arrears.early_warning.queries import overdue_fen
from hege.cases.models import Case
from hege.conferences.actions import call_conference
from hege.kernel import clock
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Street, User
from tests.browser.conftest import PHONE
from tests.browser.site import STREET, Site, environment
from tests.browser.test_axe import ALL_RULES, AXE, WIDER, Eye

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
#: The paper within the margins of A4, in CSS pixels: 182 mm by 267 mm.
SHEET = {"width": 688, "height": 1009}
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
PREPARE = "import json, sys, django; django.setup(); from tests.browser.test_papers import play; sys.stdout.write(json.dumps(play()))"
#: Words of what is printed that lie over others of it; what is hung over the paper on purpose is left out.
OVER = """() => {
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const boxes = [];
  for (const e of document.querySelectorAll('.pp *')) {
    if (e.closest('.pp-stamp') || (!own(e) && e.tagName !== 'svg')) continue;
    for (const r of e.getClientRects()) if (r.width > 1 && r.height > 1) boxes.push([e, r]);
  }
  const over = [];
  boxes.forEach(([a, x], i) => boxes.slice(i + 1).forEach(([b, y]) => {
    const w = Math.min(x.right, y.right) - Math.max(x.left, y.left);
    const h = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
    if (a !== b && !a.contains(b) && !b.contains(a) && w > 2 && h > 4)
      over.push(a.textContent.trim().slice(0, 20) + ' | ' + b.textContent.trim().slice(0, 20));
  }));
  return over;
}"""
#: Words that would be printed beside the paper.
BESIDE = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.pp') && !e.querySelector('.pp')
  && e.checkVisibility({checkVisibilityCSS: true}) && e.getBoundingClientRect().width > 1
  && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => e.textContent.trim().slice(0, 30))"""
HEADS = "() => [...document.querySelectorAll('.pp thead')].map(e => getComputedStyle(e).display)"
#: What stands at the foot of every page of a long one: its number and code.
FEET = "() => [...document.querySelectorAll('.pp-each')].map(e => getComputedStyle(e).display)"


@dataclass(frozen=True)
class Printed:
    """A paper to print: where it is looked at, on how many pages it comes out, what stands on it."""

    path: str
    pages: int
    words: tuple[str, ...]


def play() -> dict[str, str]:
    """A meeting that is called, and a demand whose term is over: what the demo has no longer, or not yet."""
    street, by, now = Street.objects.get(code=STREET), User.objects.get(username="coordinator"), clock.now()
    today = clock.today()
    case = Case.objects.filter(street=street, conferences__isnull=False).first()
    parties = list(Party.objects.filter(street=street, case_parts__case=case).distinct()) if case else []
    assert case is not None
    met = call_conference(
        case, meets_on=today + dt.timedelta(days=2), place="综合网格", agenda="谈分期", parties=parties, by=by, at=now
    )
    asked_on = today - dt.timedelta(days=25)
    running = CutoffNotice.objects.filter(street=street).running().values("point")
    free = SupplyPoint.objects.filter(street=street).exclude(pk__in=running).order_by("code")
    point = next(p for p in free if overdue_fen(p, on=asked_on) > 0)
    notice = demand_payment(
        point, how=Delivery.IN_PERSON, proof="签收单 7", delivered_on=asked_on, by=by, at=now
    ).notice  # fmt: skip
    return {
        "meeting": met.public_id, "demanded": notice.public_id, "meter": point.code, "meter_name": point.name,
        "party": parties[0].name, "case": case.number,
    }  # fmt: skip


def prepared(site: Site) -> dict[str, str]:
    env = {**environment(site.database), "DJANGO_SETTINGS_MODULE": "hege.settings"}
    done = subprocess.run([sys.executable, "-c", PREPARE], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def of_the_story(site: Site, made: dict[str, str]) -> list[Printed]:
    """Every kind; two of them also where they are long."""
    deferred = site.one(
        "SELECT n.public_id FROM arrears_cutoffnotice n JOIN metering_supplypoint p ON p.id = n.point_id"
        " WHERE p.code = 'ZB-0317' AND n.state = 'deferred'"
    )
    since = clock.today() - dt.timedelta(days=1000)
    owed, held = "99,931.73", "82,106.70"
    return [
        Printed("meter/ZB-0317/statement/", 1, ("总表水费对账单", "二房东", owed, held, "47 户")),
        Printed(f"meter/ZB-0317/statement/?from_on={since}&last_on={clock.today()}", 2, (owed, held)),
        Printed("shop/ZB-0317/PL-01/statement/", 1, ("商铺水费对账单", "PL-01", "代收人 二房东")),
        Printed("meter/ZB-0317/notice/", 1, ("水费收缴公示", owed, held, "30,000.00")),
        Printed(f"meter/{made['meter']}/demand/", 1, ("水费催缴函", made["meter_name"], "人民币")),
        Printed(
            f"cutoff/{made['demanded']}/notice/?filing=沪水备 12 号",
            1,
            ("停水通知", made["meter_name"], "沪水备 12 号"),
        ),
        Printed(
            f"cutoff/{deferred}/deferral/", 1, ("暂缓停水告知书", "二房东", owed, "每周一公示收缴明细", "30,000.00")
        ),
        Printed(f"meeting/{made['meeting']}/invitation/", 1, ("会议通知", made["party"], "谈分期", made["case"])),
        Printed(f"meeting/{made['meeting']}/sheet/", 1, ("会议签到表", made["party"])),
    ]


def issued(page: Any, site: Site, path: str) -> None:
    """Look at a paper and issue it."""
    page.goto(site.here(f"papers/new/{path}"))
    assert "预览，还没有出具" in page.inner_text(".pp")
    with page.expect_navigation():
        page.click(".hg-do button[type=submit]")
    assert "已出具" in page.inner_text("main")
    page.goto(page.url)  # without what was just said


def test_each_paper_prints_as_planned_and_is_checked_in_public(
    own_site: Site, opened: Opened, picture: Callable[[Any, str], None]
):
    papers = of_the_story(own_site, prepared(own_site))
    desk, sheet = opened(own_site, "coordinator"), opened(own_site, "coordinator", viewport=SHEET)
    sheet.emulate_media(media="print")
    anybody = opened(own_site, viewport=PHONE, java_script_enabled=False)
    wrong: list[str] = []
    for n, paper in enumerate(papers):
        issued(desk, own_site, paper.path)
        pages = len(PAGE.findall(desk.pdf(prefer_css_page_size=True)))
        sheet.goto(desk.url)
        picture(sheet, f"paper-{n}")
        printed = sheet.inner_text(".pp")
        found = {
            "pages": [] if pages == paper.pages else [pages],
            "missing": [word for word in paper.words if word not in printed],
            "over": sheet.evaluate(OVER),
            "beside": sheet.evaluate(BESIDE),
            "wider": [w] if (w := sheet.evaluate(WIDER)) else [],
            "heads": [d for d in sheet.evaluate(HEADS) if d != "table-header-group"],
            "feet": [d] if (d := sheet.evaluate(FEET)) != ["table-footer-group"] * (pages > 1) else [],
        }
        wrong += [f"{paper.path}: {what} {told}" for what, told in found.items() if told]
        code, number = sheet.inner_text(".pp-code"), re.search(r"编号\s*(\d{4}-\d{4})", printed)
        anybody.goto(own_site.url("/p/"))
        anybody.fill("[name=code]", code.lower().replace("-", " "))
        anybody.click("main form button[type=submit]")
        told = anybody.inner_text("main")
        if "是我们出具的，现在有效" not in told or number is None or number[1] not in told:
            wrong.append(f"{paper.path}: not confirmed by {code}: {told[:80]}")
    assert wrong == []
    picture(anybody, "paper-check")


def test_a_paper_is_read_on_a_phone_and_a_void_one_says_so(
    own_site: Site, opened: Opened, picture: Callable[[Any, str], None]
):
    desk = opened(own_site, "coordinator", bypass_csp=True)
    for path in ("", "new/shop/ZB-0317/PL-01/statement/", "new/meter/ZB-0317/notice/"):
        desk.goto(own_site.here(f"papers/{path}"))
        desk.set_viewport_size(PHONE)
        desk.evaluate(AXE)
        assert (Eye().wrong(desk, ALL_RULES), desk.evaluate(WIDER)) == ([], 0)
        picture(desk, f"papers-phone-{path.replace('/', '-')}")
    issued(desk, own_site, "meter/ZB-0317/statement/")
    for size in (PHONE, {"width": 1440, "height": 900}):
        desk.set_viewport_size(size)
        desk.evaluate(AXE)
        assert (Eye().wrong(desk, ALL_RULES), desk.evaluate(WIDER)) == ([], 0)
    code, paper = desk.inner_text(".pp-code").replace("-", ""), desk.url
    desk.click(".hg-do a:has-text('作废')")
    desk.fill("[name=reason]", "抬头写错")
    with desk.expect_navigation():
        desk.click("main form button[type=submit]")
    assert desk.url == paper
    assert "已作废" in desk.inner_text(".pp")
    picture(desk, "paper-void")
    anybody = opened(own_site, viewport=PHONE)
    anybody.goto(own_site.url(f"/p/{code}/"))
    assert "已作废，不再有效" in anybody.inner_text("main")
    assert "抬头写错" not in anybody.inner_text("main")
    picture(anybody, "paper-check-void")
