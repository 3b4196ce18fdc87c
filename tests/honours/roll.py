"""Honours for tests, and the way one takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.honours.actions import begin_publicity, check_honour, draft_honours, publish_honour
from hege.honours.models import Honour
from hege.honours.rules import Consent, FirmDraft, HonourDraft, HonourKind, ItemDraft, Seen
from hege.kernel.clock import at_noon
from tests.cast import Cast

DAY = dt.date(2026, 11, 23)
#: The first day after its publicity; the last day of what is published.
AFTER, END = DAY + dt.timedelta(days=8), DAY + dt.timedelta(days=100)
TEXT = (
    "荣誉榜\t\t\n"
    "上海林益蔬菜种植专业合作社 商标: 霖诺 青菜LB-15-25070905840A 结球甘蓝LB-15-25070905841A 荣获 中国绿色食品产品\t"
    "上海朗言数安科技有限公司 信用编码: 749750217 荣获 全国11315立信单位\t"
    "上海松林米业有限公司 松江大米 荣获 全国绿色食品标识使用典范单位"
)


def on(day: dt.date) -> dt.datetime:
    """Noon of a day."""
    return at_noon(day)


def a_draft(title: str = "中国绿色食品产品", *, firm: str | FirmDraft = "上海裕韵合作社", **said: Any) -> HonourDraft:
    """What a paper says."""
    said = {"items": [ItemDraft(name="稻谷", number="LB-23-25050904867A")], "source": "青浦报"} | said
    whose = FirmDraft(firm) if isinstance(firm, str) else firm
    return HonourDraft(firm=whose, title=title, kind=said.pop("kind", HonourKind.PRODUCT_CERTIFICATE), **said)


def drafted(cast: Cast, *drafts: HonourDraft, day: dt.date = DAY) -> list[Honour]:
    """Some honours that the clerk has drafted."""
    return draft_honours(cast.street, drafts or [a_draft()], by=cast.clerk, at=on(day))


def checked(cast: Cast, *drafts: HonourDraft, day: dt.date = DAY) -> Honour:
    """One that the checker has looked at."""
    (honour,) = drafted(cast, *drafts, day=day)
    return check_honour(honour, seen=Seen.SOURCE, words="青浦报第 3 版", by=cast.checker, at=on(day))


def in_publicity(cast: Cast, *drafts: HonourDraft, day: dt.date = DAY) -> Honour:
    """One that is shown."""
    honour = checked(cast, *drafts, day=day)
    return begin_publicity(
        honour, consent=Consent.PUBLIC_SOURCE, words="青浦报", by=cast.coordinator, at=on(day)
    )  # fmt: skip


def published(cast: Cast) -> Honour:
    """One on the roll, until ``END``."""
    firm = FirmDraft("上海朗言数安科技有限公司", "749750217")
    honour = in_publicity(cast, a_draft("全国11315立信单位", firm=firm, expires_on=END))
    return publish_honour(honour, by=cast.coordinator, at=on(AFTER))
