"""How an honour comes to the roll and leaves it: which step may follow which, by whom, and what each has to say."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_another, check_line, check_move
from hege.kernel.refused import Refused, RefusedAll, refusal_of
from hege.kernel.several import several
from hege.kernel.spelling import fold


class HonourKind(TextChoices):
    """What sort of honour it is (荣誉种类)."""

    PRODUCT_CERTIFICATE = "product_certificate", _("产品证书")
    LICENCE = "licence", _("资格许可")
    SPOT_CHECK = "spot_check", _("抽查合格")
    DEMONSTRATION = "demonstration", _("示范达标")
    CASE = "case", _("优秀案例")
    RATING = "rating", _("信用评价")


class Level(TextChoices):
    """How high the awarding body stands (级别)."""

    NATIONAL = "national", _("国家级")
    CITY = "city", _("省市级")
    DISTRICT = "district", _("区县级")
    TRADE = "trade", _("行业")
    UNSAID = "unsaid", _("没有写明")


class BodyKind(TextChoices):
    """What an awarding body is (颁发单位性质)."""

    GOVERNMENT = "government", _("政府部门")
    ASSOCIATION = "association", _("行业协会")
    CERTIFIER = "certifier", _("认证机构")
    PLATFORM = "platform", _("信用平台")
    OTHER = "other", _("其他")


class ItemKind(TextChoices):
    """What a line of an honour names (条目)."""

    PRODUCT = "product", _("产品")
    INSPECTED = "inspected", _("受检产品")
    WORK = "work", _("成果")
    FIRM_CODE = "firm_code", _("信用编码")
    LICENCE = "licence", _("资格证书编号")
    CERTIFICATE = "certificate", _("证书编号")


#: Lines that name a thing; the others are numbers of the firm.
THINGS = (ItemKind.PRODUCT, ItemKind.INSPECTED, ItemKind.WORK)


class HonourState(TextChoices):
    """How far an honour has come (荣誉状态)."""

    DRAFTED = "drafted", _("待核对")
    CHECKED = "checked", _("已核对")
    IN_PUBLICITY = "in_publicity", _("公示中")
    PUBLISHED = "published", _("已上榜")
    EXPIRED = "expired", _("已到期")
    WITHDRAWN = "withdrawn", _("已撤下")
    DROPPED = "dropped", _("不予采用")


NEXT_STATE: Mapping[HonourState, Set[HonourState]] = {
    HonourState.DRAFTED: {HonourState.CHECKED, HonourState.DROPPED, HonourState.DRAFTED},
    HonourState.CHECKED: {HonourState.IN_PUBLICITY, HonourState.PUBLISHED, HonourState.DROPPED, HonourState.DRAFTED},
    HonourState.IN_PUBLICITY: {HonourState.PUBLISHED, HonourState.DROPPED, HonourState.DRAFTED},
    HonourState.PUBLISHED: {HonourState.EXPIRED, HonourState.WITHDRAWN, HonourState.DRAFTED},
    HonourState.EXPIRED: {HonourState.WITHDRAWN, HonourState.DRAFTED},
    HonourState.WITHDRAWN: frozenset(),
    HonourState.DROPPED: frozenset(),
}
#: Nobody has to do anything more about these.
ENDED = frozenset({HonourState.EXPIRED, HonourState.WITHDRAWN, HonourState.DROPPED})
#: What anybody may speak against.
OPEN_TO_OBJECTION = frozenset({HonourState.IN_PUBLICITY, HonourState.PUBLISHED})


class Seen(TextChoices):
    """What the second person has looked at (核对依据)."""

    EVIDENCE = "evidence", _("看过证书等材料")
    SOURCE = "source", _("只看过出处")


class Consent(TextChoices):
    """By what an honour may be shown (公开依据): the firm has agreed, or it stands in public already."""

    FIRM = "firm", _("企业书面同意")
    PUBLIC_SOURCE = "public_source", _("已由颁发单位或报刊公开")


class Decision(TextChoices):
    """What became of an objection (异议处理)."""

    UPHELD = "upheld", _("异议成立")
    NOT_UPHELD = "not_upheld", _("异议不成立")


class SettingKind(TextChoices):
    """What an office may set itself of its roll (荣誉榜设置), in days."""

    PUBLICITY_DAYS = "publicity_days", _("公示几天")
    FIRST_REMINDER_DAYS = "first_reminder_days", _("到期前几天第一次提醒续期")
    LAST_REMINDER_DAYS = "last_reminder_days", _("到期前几天再次提醒续期")


#: Seven days are what the rules on volunteer records ask for of lists that are shown; no law names another for honours.
DEFAULT_SETTINGS: Mapping[SettingKind, int] = {
    SettingKind.PUBLICITY_DAYS: 7,
    SettingKind.FIRST_REMINDER_DAYS: 90,
    SettingKind.LAST_REMINDER_DAYS: 30,
}
LEAST_DAYS, MOST_DAYS = 1, 365


def check_setting(kind: SettingKind, value: int) -> None:
    """A term of no day would be none."""
    if not LEAST_DAYS <= value <= MOST_DAYS:
        raise Refused(
            _("“%(kind)s”要在 %(least)d 到 %(most)d 之间。"), kind=kind.label, least=LEAST_DAYS, most=MOST_DAYS, field="value"
        )  # fmt: skip


# -- what may be done, and by whom ---------------------------------------------------------------------------------------


class Act(Enum):
    """What people do to an honour, with the state it leads to; None: it stays."""

    CHECK = HonourState.CHECKED
    BEGIN_PUBLICITY = HonourState.IN_PUBLICITY
    PUBLISH = HonourState.PUBLISHED
    WITHDRAW = HonourState.WITHDRAWN
    DROP = HonourState.DROPPED
    CORRECT = HonourState.DRAFTED


@dataclass(frozen=True, slots=True)
class Stands:
    """How an honour stands on a day: all that the rules of its steps ask.

    ``drafted_by``: who wrote the version that counts (None: the system). ``shown_until_on``: the first day on which it may
    be published, None before its publicity. ``settled``: what it says has been in publicity, in an earlier version.
    ``misfits``: numbers that are written wrong; ``taken``: those of a licence that another firm has.
    """

    state: HonourState
    today: dt.date
    drafted_by: int | None = None
    shown_until_on: dt.date | None = None
    expires_on: dt.date | None = None
    settled: bool = False
    open_objections: int = 0
    upheld_objections: int = 0
    misfits: Sequence[str] = ()
    taken: Sequence[str] = ()


def check_act(act: Act, *, stands: Stands, by: int | None) -> None:
    """Whether this person may do this to an honour today: asked by each action, and by each page for its buttons.

    ``by`` is a user's key, None the system. The role is another question (``web.access``).
    """
    to: HonourState = act.value
    check_move(stands.state, to, NEXT_STATE, _("这项荣誉现在是“%(state)s”，不能变为“%(to)s”。"))
    if act in _OF_ANOTHER:
        check_another(by=by, first=stands.drafted_by, sentence=_("这一版是您自己录入的，要由另一个人来办。"))
    for check in _ASKS.get(act, ()):
        check(stands)


#: What nobody does to an honour that they drafted themselves.
_OF_ANOTHER = frozenset({Act.CHECK, Act.BEGIN_PUBLICITY, Act.PUBLISH})


def _check_numbers(stands: Stands) -> None:
    if stands.misfits:
        numbers = "、".join(stands.misfits[:5])
        raise Refused(_("号码 %(numbers)s 写法对不上，请更正号码，或者不予采用。"), numbers=numbers, field="number")
    if stands.taken:
        numbers = "、".join(stands.taken[:5])
        raise Refused(
            _("资格证书编号 %(numbers)s 已登记在另一家企业名下，请先弄清是哪一家的，再更正其中一处。"),
            numbers=numbers, field="number",
        )  # fmt: skip


def _check_in_time(stands: Stands) -> None:
    if stands.expires_on is not None and stands.expires_on < stands.today:
        day = stands.expires_on.isoformat()
        raise Refused(_("有效期 %(day)s 已经过了，请更正为续期后的日期，或者不予采用。"), day=day, field="expires_on")


def _check_not_shown_before(stands: Stands) -> None:
    if stands.settled:
        raise Refused(_("内容公示过，只更正了出处或日期，不用再公示，可以直接上榜。"))


def _check_shown(stands: Stands) -> None:
    if stands.state is HonourState.CHECKED and not stands.settled:
        raise Refused(_("还没有公示，不能上榜。"))
    if stands.shown_until_on is not None and stands.today < stands.shown_until_on and not stands.settled:
        raise Refused(_("公示到 %(day)s 为止，期满才能上榜。"), day=(stands.shown_until_on - DAY).isoformat())
    if stands.open_objections:
        raise Refused(_("还有 %(n)d 条异议没有处理，不能上榜。"), n=stands.open_objections)
    if stands.upheld_objections:
        raise Refused(_("异议成立，请更正内容或者不予采用。"))


_ASKS: Mapping[Act, Sequence[Callable[[Stands], None]]] = {
    Act.CHECK: (_check_numbers, _check_in_time),
    Act.BEGIN_PUBLICITY: (_check_not_shown_before, _check_in_time),
    Act.PUBLISH: (_check_shown, _check_in_time),
}


def open_acts(stands: Stands, *, by: int | None) -> list[Act]:
    """What this person may do to an honour today, in the order of its way; roles aside."""
    return [act for act in Act if refusal_of(check_act, act=act, stands=stands, by=by) is None]


def check_expiry(stands: Stands) -> None:
    """An honour ends by itself once the last day printed on its certificate is over."""
    check_move(stands.state, HonourState.EXPIRED, NEXT_STATE)
    if stands.expires_on is None or stands.expires_on >= stands.today:
        raise Refused(_("还没有到期。"))


def check_objectable(state: HonourState) -> None:
    """Anybody may speak against what is being shown or stands on the roll (异议)."""
    if state not in OPEN_TO_OBJECTION:
        raise Refused(_("这项荣誉现在是“%(state)s”，不用再提异议。"), state=state.label)


#: So many people may speak against one honour within a day; its code hangs in public and anybody may scan it.
MOST_OBJECTIONS_A_DAY = 5


def check_not_too_many_objections(lately: int) -> None:
    """Refuse what only fills the list: whoever has more to say has a telephone."""
    if lately >= MOST_OBJECTIONS_A_DAY:
        raise Refused(
            several("这一项今天已经收到 %(n)d 条异议，都会有人看。还有要说的请直接打电话，或者明天再写。"), n=lately
        )


def check_decidable(*, decided: bool, drafted_by: int | None, by: int | None) -> None:
    """An objection is decided once, and never by who drafted what it is about."""
    if decided:
        raise Refused(_("这条异议已经处理过。"))
    check_another(by=by, first=drafted_by, sentence=_("异议说的是您自己录入的内容，要由另一个人来处理。"))


def first_day_after(publicity_from: dt.date, days: int) -> dt.date:
    """The first day on which an honour may be published: its publicity takes in whole days, that on which it began not."""
    return publicity_from + (days + 1) * DAY


# -- what an honour says -------------------------------------------------------------------------------------------------

LONGEST_NAME, LONGEST_TITLE, LONGEST_WORDS, LONGEST_NUMBER = 120, 200, 500, 60
MOST_ITEMS = 50


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One line of an honour: a product with or without number, or a number of the firm. ``number`` as printed; without
    ``number_kind`` it is told by its shape."""

    kind: ItemKind = ItemKind.PRODUCT
    name: str = ""
    number: str = ""
    number_kind: str = ""


@dataclass(frozen=True, slots=True)
class FirmDraft:
    """A firm as a paper names it. ``known``: the key of the one somebody has chosen; ``another``: somebody has said that it is
    none of those with the same name."""

    name: str
    code: str = ""
    known: int | None = None
    another: bool = False


@dataclass(frozen=True, slots=True)
class HonourDraft:
    """What an honour says. ``expires_on`` is the last day it holds, as printed. ``again``: why it is taken in although it
    stands there already or was withdrawn. ``body``: the awarding body's name. ``cell``: where in a clipping it stood."""

    firm: FirmDraft
    title: str
    kind: HonourKind
    source: str
    items: Sequence[ItemDraft] = ()
    level: Level = Level.UNSAID
    issued_on: dt.date | None = None
    expires_on: dt.date | None = None
    approval_no: str = ""
    trade_mark: str = ""
    source_page: str = ""
    source_on: dt.date | None = None
    as_printed: str = ""
    again: str = ""
    body: str = ""
    cell: int | None = None


def check_draft(draft: HonourDraft, *, today: dt.date) -> None:
    """What an honour says is whole and possible; every fault at once, each with its field."""
    refusals = [
        refusal
        for check in (_check_firm, _check_title, _check_days, _check_source, _check_items)
        if (refusal := refusal_of(check, draft=draft, today=today)) is not None
    ]
    if refusals:
        raise RefusedAll(refusals)


def _check_firm(draft: HonourDraft, today: dt.date) -> None:
    check_line(draft.firm.name, _("请写明企业名称。"), name="firm", most=LONGEST_NAME)


def _check_title(draft: HonourDraft, today: dt.date) -> None:
    check_line(draft.title, _("请写明荣誉名称。"), name="title", most=LONGEST_TITLE)
    check_line(draft.body, name="body", most=LONGEST_NAME)
    check_line(draft.approval_no, name="approval_no", most=LONGEST_NUMBER)
    check_line(draft.trade_mark, name="trade_mark", most=LONGEST_NUMBER)


def _check_days(draft: HonourDraft, today: dt.date) -> None:
    if draft.issued_on is not None and draft.issued_on > today:
        raise Refused(_("颁发日期 %(day)s 还没有到。"), day=draft.issued_on.isoformat(), field="issued_on")
    if draft.issued_on and draft.expires_on and draft.expires_on < draft.issued_on:
        raise Refused(
            _("有效期 %(until)s 早于颁发日期 %(day)s。"),
            until=draft.expires_on.isoformat(), day=draft.issued_on.isoformat(), field="expires_on",
        )  # fmt: skip
    if draft.source_on is not None and draft.source_on > today:
        raise Refused(_("出处的日期 %(day)s 还没有到。"), day=draft.source_on.isoformat(), field="source_on")


def _check_source(draft: HonourDraft, today: dt.date) -> None:
    check_line(draft.source, _("请写明出处（哪份报纸、哪份文件）。"), name="source", most=LONGEST_TITLE)
    check_line(draft.source_page, name="source_page", most=LONGEST_NUMBER)


def _check_items(draft: HonourDraft, today: dt.date) -> None:
    if len(draft.items) > MOST_ITEMS:
        raise Refused(_("一项荣誉最多 %(most)d 个产品，请分成几项。"), most=MOST_ITEMS, field="items")
    for item in draft.items:
        if not item.name.strip() and not item.number.strip():
            raise Refused(_("产品和号码不能都空着。"), field="items")
        check_line(item.name, name="items", most=LONGEST_NAME)
        check_line(item.number, name="number", most=LONGEST_NUMBER)


def check_same_name(draft: FirmDraft, same_name: Sequence[str]) -> None:
    """A firm is never taken for another because they share a name, nor for a new one: somebody says which it is."""
    if draft.known is not None:
        raise Refused(_("选定的企业不在了，请重新选。"), field="firm")
    if same_name and not draft.another:
        raise Refused(
            _("已经登记过“%(firm)s”，名称相同、代码不足以分辨：请选定就是它，或者写明是另一家。"),
            firm=same_name[0], field="firm",
        )  # fmt: skip


def check_new(draft: HonourDraft, *, before: HonourState | None, before_id: str = "") -> None:
    """The same honour is taken in once, unless its draft says why ``again``; ``before``: how the one that is there stands."""
    if before is None or draft.again.strip():
        return
    if before is HonourState.WITHDRAWN:
        raise Refused(
            _("“%(title)s”登记过，后来撤下了（%(id)s）。确实要再次录入的，请写明为什么。"),
            title=draft.title, id=before_id, field="again",
        )  # fmt: skip
    raise Refused(
        _("“%(title)s”已经登记过（%(state)s），没有再录入。确实是另一项的，请写明为什么。"),
        title=draft.title, state=before.label, field="again",
    )  # fmt: skip


def asks_for_approval(title: str) -> bool:
    """Whether a title has a word that only an approved commendation may carry (全国、中国、国家)."""
    return bool(word_for_approval(title))


def word_for_approval(title: str) -> str:
    """That word, the first in the title."""
    return min((word for word in ("全国", "中国", "国家") if word in title), key=title.index, default="")


def likeness(firm_id: int, title: str, numbers: Iterable[str]) -> str:
    """What two entries of the same honour have in common, however they are spelt: firm, title and numbers."""
    said = "\n".join([str(firm_id), fold(title), *sorted(fold(number) for number in numbers if number)])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def folded_name(name: str) -> str:
    """A firm's name in one spelling: width, case, blanks and the kind of brackets do not count."""
    return fold(name)[:LONGEST_NAME]


def inner_code(code: str) -> str:
    """The organisation code (组织机构代码) of a firm's code: of a USCC (统一社会信用代码) the places 9 to 17."""
    return code[8:17] if len(code) == 18 else code


#: Words of titles that tell what sort of honour it is, the surest first; a person sees and may mend what they say.
_KIND_WORDS: Sequence[tuple[str, HonourKind]] = (
    ("抽查", HonourKind.SPOT_CHECK), ("案例", HonourKind.CASE), ("立信", HonourKind.RATING), ("信用", HonourKind.RATING),
    ("资格", HonourKind.LICENCE), ("许可", HonourKind.LICENCE), ("示范", HonourKind.DEMONSTRATION),
    ("典范", HonourKind.DEMONSTRATION), ("达标", HonourKind.DEMONSTRATION),
)  # fmt: skip


def kind_said(title: str) -> HonourKind:
    """What sort of honour a title speaks of, by its words; a proposal."""
    return next((kind for word, kind in _KIND_WORDS if word in title), HonourKind.PRODUCT_CERTIFICATE)


def number_said(label: str) -> ItemKind:
    """What the label before a number says that it is."""
    if "信用" in label or "机构代码" in label:
        return ItemKind.FIRM_CODE
    return ItemKind.LICENCE if "资格" in label or "许可" in label else ItemKind.CERTIFICATE


def level_said(title: str) -> Level:
    """How high the awarding body stands by the words of a title; a proposal."""
    if asks_for_approval(title):
        return Level.NATIONAL
    if "行业" in title or "协会" in title:
        return Level.TRADE
    if "市" in title or "省" in title:
        return Level.CITY
    return Level.DISTRICT if "区" in title else Level.UNSAID
