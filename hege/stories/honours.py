"""The newspaper's honour roll (荣誉榜): its table as printed, read, checked by a second person, shown, published and signed.

The twelve entries are the page's own words, and each says that nobody has asked the awarding body. The two firms that are
used to let one honour end and to withdraw another are made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hege.honours import actions, queries
from hege.honours.intake.reading import Choice, DoubtKind, Entry, clipping_text, read_clipping
from hege.honours.models import Clipping, Honour
from hege.honours.numbers.rules import Answer, Kind, check
from hege.honours.publishing import verdict_of
from hege.honours.rules import (
    Consent,
    Decision,
    FirmDraft,
    HonourDraft,
    HonourKind,
    HonourState,
    ItemDraft,
    ItemKind,
    Seen,
)
from hege.kernel.calendar import DAY
from hege.kernel.refused import Refused
from hege.people.models import Role
from hege.stories.crisis import Step
from hege.stories.hours import at_noon
from hege.stories.street import Acting, Stage

SOURCE = "报纸“荣誉榜”版面"
TABLE = "\n".join(
    (
        "荣誉榜\t\t\t",
        "\t".join(
            (
                "上海逸盾门业有限公司 受检产品: 钢质隔热防火门 荣获 上海市防火门产品质量监督 抽查合格产品",
                "上海菲月金属制品有限公司 受检产品: 钢质隔热防火门 荣获 上海市防火门产品质量监督 抽查合格产品",
                "上海德大堂国药有限公司 荣获 上海中药行业《中药煎药质量管理规范》 团标承诺执行达标企业",
                "上海虹桥中药饮片有限公司 荣获 上海中药行业《中药煎药质量管理规范》 团标承诺执行达标企业",
            )
        ),
        "\t".join(
            (
                "上海持灏水产养殖专业合作社 商标: 持灏 青菜LB-15-25070907976A 甘蓝LB-15-25070907977A 荣获 中国绿色食品产品",
                "上海林益蔬菜种植专业合作社 商标: 霖诺 青菜LB-15-25070905840A 结球甘蓝LB-15-25070905841A 荣获 中国绿色食品产品",
                "上海勤道农业专业合作社 商标: 丰农乡 松江大米LB-03-25090908294A 荣获 中国绿色食品产品",
                "上海裕韵农产品产销专业合作社 稻谷 LB-23-25050904867A 荣获 中国绿色食品产品",
            )
        ),
        "\t".join(
            (
                "上海海丰米业有限公司 海丰米业智慧粮库系统的开发与应用 荣获 2025上海供应链创新与应用优秀案例",
                "上海松林米业有限公司 松江大米 荣获 全国绿色食品标识使用典范单位",
                "上海巨浪环保有限公司 资格证书编号: E3101186 荣获 上海市正规废弃电器电子产品 处理资格企业",
                "上海朗言数安科技有限公司 信用编码: 749750217 荣获 全国11315立信单位",
            )
        ),
    )
)
#: What persons say to what the text leaves open: a work, and a product.
ANSWERS = {9: Choice.WORK, 10: Choice.PRODUCT}
FIRST_ON_THE_ROLL = dt.date(2025, 11, 25)
#: One number of each kind, wrong in one way.
WRONG = {
    Kind.USCC: "91310117MA1J47470X",
    Kind.ORGANISATION_CODE: "749750271",
    Kind.GREEN_FOOD: "LB-15-25130907976A",
    Kind.E_LICENCE: "E310118",
    Kind.ORGANIC: "有机码1002512345",
    Kind.GREEN_FOOD_ENTERPRISE: "GF31011825",
    Kind.HIGH_TECH: "GR99993100001",
}


@dataclass
class HonourRoll:
    """The roll on the day it is pasted; ``publish_all`` lets its publicity pass, ``to_the_end`` ends two of fourteen."""

    stage: Stage
    begun: dt.date
    tell: Callable[[Step], None] = lambda step: None
    steps: list[Step] = field(default_factory=list)
    honours: list[Honour] = field(default_factory=list)

    def acting(self, role: Role, on: dt.date) -> Acting:
        """Somebody of a role at noon of a day."""
        return self.stage.acting(role, on)

    def until_the_roll(self) -> None:
        """From the pasted text to twelve honours on the roll."""
        clipping = self._paste()
        self._decide(clipping)
        self.honours = self._draft(clipping)
        self._check()
        self._show()
        self._publish()

    def to_the_end(self) -> None:
        """What else the roll has to stand: wrong numbers, one that ends by itself, one that is withdrawn."""
        self._refuse_wrong_numbers()
        self._two_of_our_own()
        self._print()

    def _told(self, on: dt.date, title: str, says: str, **figures: int) -> None:
        step = Step(on, title, says, figures)
        self.steps.append(step)
        self.tell(step)

    def _paste(self) -> Clipping:
        on = self.begun
        clipping = actions.take_in_clipping(
            self.stage.street, text=TABLE, source=SOURCE, **self.acting(Role.CLERK, on)
        )  # fmt: skip
        read = queries.read(clipping)
        numbers = [
            check(i.number, on=on) for e in read_clipping(TABLE, _answers()).entries for i in e.items if i.number
        ]
        green = [one for one in numbers if one.kind is Kind.GREEN_FOOD and one.answer is Answer.FITS]
        self._told(
            on, "贴进荣誉榜", f"读出 {len(read.cells)} 格，{read.open_doubts} 处要人定；绿色食品编号 {len(green)} 个，写法都对得上",
            cells=len(read.cells), open_doubts=read.open_doubts, joined=_count(read, DoubtKind.JOINED), green_food=len(green),
            fits=sum(one.answer is Answer.FITS for one in numbers), numbers=len(numbers),
        )  # fmt: skip
        return clipping

    def _decide(self, clipping: Clipping) -> None:
        on = self.begun
        decided = 0
        for cell in queries.read(clipping).cells:
            for doubt in cell.doubts:
                choice = ANSWERS.get(cell.number) or Choice.JOIN
                said: dict[str, Any] = {"cell": doubt.cell, "doubt": doubt.key, "choice": choice.value}
                actions.decide_doubt(clipping, **said, **self.acting(Role.CLERK, on))
                decided += 1
        self._told(on, "定疑点", "五个断行的题目接成一行；一处是作品，一处是产品", decided=decided)

    def _draft(self, clipping: Clipping) -> list[Honour]:
        on = self.begun
        drafts = queries.drafts_of(clipping, code_on=on)
        made = actions.draft_honours(self.stage.street, drafts, clipping=clipping, **self.acting(Role.CLERK, on))
        self._told(on, "存成草稿", f"{len(made)} 家单位、{len(made)} 项荣誉，等另一个人核对", drafted=len(made))
        return made

    def _check(self) -> None:
        on = self.begun + DAY
        refused = 0
        for honour in self.honours:
            words = f"{SOURCE}；没有看到证书，没有向颁发单位查证"
            try:
                actions.check_honour(honour, seen=Seen.SOURCE, words=words, **self.acting(Role.CLERK, on))
            except Refused:
                refused += 1
            actions.check_honour(honour, seen=Seen.SOURCE, words=words, **self.acting(Role.CHECKER, on))
        self._told(
            on,
            "第二个人核对",
            "录入的人自己核对不了；核查员看的是报纸版面，没有看到证书",
            checked=len(self.honours),
            refused=refused,
        )

    def _show(self) -> None:
        on = self.begun + 2 * DAY
        for honour in self.honours:
            actions.begin_publicity(
                honour, consent=Consent.PUBLIC_SOURCE, words=SOURCE, **self.acting(Role.COORDINATOR, on)
            )  # fmt: skip
        objection = actions.object_to_honour(
            self.honours[-1], words="这家单位的信用编码是不是抄错了？", contact="", by=None, at=at_noon(on + DAY)
        )
        actions.decide_objection(
            objection, decision=Decision.NOT_UPHELD, words="校验位对得上，和版面一致。", **self.acting(Role.COORDINATOR, on + 2 * DAY)
        )  # fmt: skip
        self._told(
            on, "公示七天", "谁都可以提异议，提的人不公开；收到一条，已处理", shown=len(self.honours), objections=1
        )

    @property
    def published_on(self) -> dt.date:
        """The first day on which what was pasted may be on the roll."""
        return self.begun + 10 * DAY

    def _publish(self) -> None:
        on = self.published_on
        for honour in self.honours:
            actions.publish_honour(honour, **self.acting(Role.COORDINATOR, on))
        self._told(on, "上榜并签名", "每一项都有核验页、二维码和签名文件", published=len(self.honours))

    def _refuse_wrong_numbers(self) -> None:
        on = self.published_on
        wrong = [check(number, kind=kind, on=on) for kind, number in WRONG.items()]
        refused = sum(one.answer is Answer.DOES_NOT_FIT for one in wrong)
        draft = self._of_our_own("示例苗木专业合作社", number=WRONG[Kind.GREEN_FOOD])
        (honour,) = actions.draft_honours(self.stage.street, [draft], **self.acting(Role.CLERK, on))
        try:
            actions.check_honour(honour, seen=Seen.SOURCE, words=SOURCE, **self.acting(Role.CHECKER, on))
        except Refused:
            refused += 1
        actions.drop_honour(
            honour, reason="编号里的月份是 13，等企业给出证书再录入。", **self.acting(Role.COORDINATOR, on)
        )
        self._told(
            on, "拒绝写错的号码", f"{len(WRONG)} 种号码各错一处，都说得出错在哪里；写错的核对不过去", refused=refused
        )

    @staticmethod
    def _of_our_own(firm: str, number: str, expires_on: dt.date | None = None) -> HonourDraft:
        return HonourDraft(
            FirmDraft(firm), "示例绿色食品产品", HonourKind.PRODUCT_CERTIFICATE, "示例来源（编造的例子）",
            items=[ItemDraft(ItemKind.PRODUCT, "示例青菜", number)], expires_on=expires_on,
        )  # fmt: skip

    def _two_of_our_own(self) -> None:
        """One whose last day comes, one that is withdrawn: made-up firms."""
        on = self.published_on
        last_day = on + 30 * DAY
        made = []
        for firm, number, expires_on in (
            ("示例米业有限公司", "LB-03-22090900001A", last_day),
            ("示例蔬菜专业合作社", "LB-15-25090900002A", None),
        ):
            draft = self._of_our_own(firm, number, expires_on)
            made += actions.draft_honours(self.stage.street, [draft], **self.acting(Role.CLERK, on))
        for honour in made:
            actions.check_honour(honour, seen=Seen.EVIDENCE, words="示例证书的扫描件", **self.acting(Role.CHECKER, on))
            actions.begin_publicity(
                honour, consent=Consent.FIRM, words="示例同意书", **self.acting(Role.COORDINATOR, on)
            )  # fmt: skip
            actions.publish_honour(honour, **self.acting(Role.COORDINATOR, on + 8 * DAY))
        self.honours += made
        ended = actions.expire_honours(self.stage.street, on=last_day + DAY, by=None, at=at_noon(last_day + DAY))
        self._told(last_day + DAY, "到期", "有效期的最后一天过了，自己转为到期，签名文件也过了期", expired=len(ended))
        withdrawn = on + 40 * DAY
        actions.withdraw_honour(
            made[1], reason="企业书面说明证书已经交回，新证书还没有拿来。", **self.acting(Role.COORDINATOR, withdrawn)
        )  # fmt: skip
        self._told(withdrawn, "撤下", "理由一直看得到，签名作废", withdrawn=1)

    def _print(self) -> None:
        on = self.last_on
        printed = clipping_text(self.entries())
        again = read_clipping(printed)
        self._told(
            on,
            "印荣誉榜",
            "印出来的再读一遍，一字不差",
            printed=len(again.entries),
            same=int(list(again.entries) == self.entries()),
        )

    @property
    def last_on(self) -> dt.date:
        """The day on which the story ends."""
        return self.published_on + 41 * DAY

    def entries(self) -> list[Entry]:
        """The newspaper's entries as the text says them, with what persons have decided."""
        return list(read_clipping(TABLE, _answers()).entries)

    def proven(self) -> tuple[int, int, list[str]]:
        """How many honours are on the roll and verify by page and signature, how many have ended and verify by neither, and
        which do not do so."""
        at, good, ended, wrong = at_noon(self.last_on), 0, 0, list[str]()
        revoked = queries.revoked_places(self.stage.street)
        for honour in self.honours:
            history = queries.shown_honour(honour.public_id)
            badge = history.badge if history else None
            on_page = history is not None and history.honour.state == HonourState.PUBLISHED
            by_signature = badge is not None and verdict_of(badge, at=at, revoked=revoked) == "good"
            if on_page != by_signature:
                wrong.append(honour.public_id)
            good, ended = good + (on_page and by_signature), ended + (not on_page and not by_signature)
        return good, ended, wrong


def _answers() -> dict[tuple[int, str], str]:
    return {(cell, "what1"): choice.value for cell, choice in ANSWERS.items()}


def _count(read: Any, kind: DoubtKind) -> int:
    return sum(doubt.kind == kind for cell in read.cells for doubt in cell.doubts)


def play_roll(stage: Stage, today: dt.date, *, tell: Callable[[Step], None]) -> None:
    """The roll of a demo's street: pasted, shown and on the roll before today."""
    HonourRoll(stage, today - 14 * DAY, tell).until_the_roll()
