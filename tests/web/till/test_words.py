"""The sentences of a refusal: what is wrong, since when or where, what to say to the customer; none without its facts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hege.vouchers.tills.rules import Finding, ScanFault
from hege.web.till.words import _SENTENCES, Card, card_of
from tests.vouchers.samples import FILM, local

pytestmark = pytest.mark.once
F = ScanFault
NOON, TERMS = local(2025, 12, 18, 12, 3), replace(FILM, hours=((600, 1260),))

#: Fault -> a finding as rules make it, and what its card says word for word.
CARDS = [
    (Finding(F.OLD, at=local(2025, 12, 18, 12, 1)), "这组数字是 12:01 的。新的也这样，就是顾客手机的钟慢了。", "请您等新的数字出来，我再扫一次。"),
    (Finding(F.USED, at=NOON, shops=("1 号面馆",), here=True), "12月18日 12:03 在本店用过，是同一张券。", "这张用过了，您看看还有没有别的券。"),
    (Finding(F.USED, at=NOON, shops=("6 号早餐铺",)), "12月18日 12:03 在“6 号早餐铺”用过，是同一张券。", "这张用过了，您看看还有没有别的券。"),
    (Finding(F.OTHER_SHOP, shops=("3 号影城",)), "这张只在 3 号影城 用。", "这张要去 3 号影城 用。"),
    (Finding(F.OTHER_SHOP, shops=("甲", "乙", "丙", "丁")), "这张只在 甲、乙、丙等 4 家店 用。", "这张要去 甲、乙、丙等 4 家店 用。"),
    (Finding(F.OTHER_SHOP), "现在没有哪家店收这张。", "这张现在用不了，请您打街道电话问。"),
    (Finding(F.OTHER_HOUR, at=local(2025, 12, 22, 10), on=dt.date(2025, 12, 19), terms=TERMS),
     "周一到周四 10:00–21:00能用，今天周五。", "12月22日 10:00 以后再来就能用。"),
    (Finding(F.OTHER_HOUR, on=dt.date(2025, 12, 19), terms=TERMS), "周一到周四 10:00–21:00能用，今天周五。", "这张以后没有能用的时间了，可以找街道问新的。"),
    (Finding(F.NOT_YET, at=local(2025, 12, 28, 10)), "12月28日 10:00 起能用。", "12月28日 10:00 以后再来就能用。"),
    (Finding(F.OVER, on=dt.date(2025, 12, 31)), "到 12月31日为止。", "这张过期了，可以找街道问新的。"),
    (Finding(F.STOPPED, at=NOON, words="钱用完了。"), "12月18日 12:03 停的：钱用完了。不是顾客的错，街道另外告诉过顾客。", "这批停用了，街道给您发过消息。"),
    (Finding(F.WITHDRAWN, at=NOON), "12月18日 12:03 街道收回的。", "这张街道收回了，您可以打电话问为什么。"),
    (Finding(F.CLOCK, minutes=4), "快了约 4 分钟。", "请把手机时间改成“自动”，我再扫一次。"),
    (Finding(F.UNKNOWN), "不是华新镇的能量券，或者印坏了、打错了。", "请打开您的页面，点“出示券”，我再扫一次。"),
    (Finding(F.WRONG), "这组数字不是这张券的。", "请把券号和现在的六位数字再报一次。"),
    (Finding(F.TRIED), "数字错了太多次，先停一停。", "这张先放一放，晚一点再用，或者请您打街道电话。"),
    (Finding(F.NO_BILL), "离线记的，送出时没有核对成。由街道决定，会写明理由。", "已经记下了，请放心。"),
]  # fmt: skip


@pytest.mark.parametrize(("finding", "fact", "say"), CARDS)
def test_a_card_says_what_is_wrong_since_when_or_where_and_what_to_say(finding: Finding, fact: str, say: str):
    card = card_of(finding, street="华新镇")
    tone = "amber" if finding.fault in (F.CLOCK, F.SHOP_CLOCK) else "red"
    assert card == Card(str(finding.fault.label), fact, say, tone)
    assert card.icon == ("alert-triangle" if tone == "amber" else "circle-x")


def test_every_fault_has_its_sentences():
    assert _SENTENCES.keys() == {*F}


@pytest.mark.parametrize("fault", F)
def test_a_card_of_a_finding_without_facts_is_still_whole(fault: ScanFault):
    """A finding that was kept without its terms, as of a voucher that is not known."""
    said = Finding(fault, at=NOON, on=dt.date(2025, 12, 18), terms=TERMS)
    assert all([(card := card_of(said, street="华新镇")).title, card.fact, card.say])
