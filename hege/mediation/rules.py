"""People's mediation (人民调解): what the law asks of a file, an agreement and its confirmation."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY, Calendar
from hege.kernel.checks import check_move
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying, Words
from hege.kernel.several import several


class FileSource(TextChoices):
    """How a mediation began (案件来源; People's Mediation Law art. 17, 18)."""

    APPLICATION = "application", _("当事人申请")
    OWN_INITIATIVE = "own_initiative", _("主动调解")
    REFERRAL = "referral", _("有关部门移送")


class FileState(TextChoices):
    """How far a mediation has come."""

    REGISTERED = "registered", _("已受理")
    RIGHTS_TOLD = "rights_told", _("已告知权利")
    INVESTIGATING = "investigating", _("调查中")
    MEDIATING = "mediating", _("调解中")
    AGREED = "agreed", _("达成协议")
    FAILED = "failed", _("调解不成")
    TERMINATED = "terminated", _("终止")
    WITHDRAWN = "withdrawn", _("撤回")


NEXT_FILE: Mapping[FileState, Set[FileState]] = {
    FileState.REGISTERED: {FileState.RIGHTS_TOLD, FileState.TERMINATED, FileState.WITHDRAWN},
    FileState.RIGHTS_TOLD: {
        FileState.INVESTIGATING,
        FileState.MEDIATING,
        FileState.TERMINATED,
        FileState.WITHDRAWN,
    },
    FileState.INVESTIGATING: {
        FileState.MEDIATING,
        FileState.FAILED,
        FileState.TERMINATED,
        FileState.WITHDRAWN,
    },
    FileState.MEDIATING: {FileState.AGREED, FileState.FAILED, FileState.TERMINATED, FileState.WITHDRAWN},
    FileState.AGREED: set(),
    FileState.FAILED: set(),
    FileState.TERMINATED: set(),
    FileState.WITHDRAWN: set(),
}

#: No more sessions are held on these.
FILE_FINISHED = frozenset({FileState.AGREED, FileState.FAILED, FileState.TERMINATED, FileState.WITHDRAWN})


#: Calendar days within which a mediation usually comes to its end (Provisions on the Work of People's Mediation of 2002, art. 33).
USUAL_DAYS = 30


class PartySide(TextChoices):
    """On which side of the dispute a party stands (当事人)."""

    APPLICANT = "applicant", _("申请人")
    RESPONDENT = "respondent", _("被申请人")
    THIRD = "third", _("其他当事人")


class DocumentKind(TextChoices):
    """The thirteen documents of a file (卷宗), in the order of the Ministry of Justice's formats of December 2010."""

    APPLICATION = "application", _("申请书或受理登记表")
    RIGHTS_NOTICE = "rights_notice", _("当事人权利义务告知书")
    IDENTITY = "identity", _("当事人身份证明")
    POWER_OF_ATTORNEY = "power_of_attorney", _("授权委托书")
    INVESTIGATION = "investigation", _("调查记录")
    EVIDENCE = "evidence", _("证据材料")
    RECORD = "record", _("调解记录")
    AGREEMENT = "agreement", _("调解协议书或口头协议登记表")
    PERFORMANCE = "performance", _("履行凭证")
    RETURN_VISIT = "return_visit", _("回访记录")
    CONFIRMATION = "confirmation", _("司法确认材料")
    STATEMENT = "statement", _("卷宗情况说明")
    BACK_COVER = "back_cover", _("封底")


#: Which of them a file must have (必须); the others are on demand (按需).
REQUIRED = frozenset(
    {
        DocumentKind.APPLICATION,
        DocumentKind.RIGHTS_NOTICE,
        DocumentKind.IDENTITY,
        DocumentKind.RECORD,
        DocumentKind.AGREEMENT,
        DocumentKind.BACK_COVER,
    }
)


#: The archive makes these itself from what it files.
GENERATED = frozenset({DocumentKind.BACK_COVER})

#: Nobody files these by hand: an agreement comes into the file when it is recorded (先打印、后签名), the cover from the archive.
NOT_BY_HAND = GENERATED | {DocumentKind.AGREEMENT}

#: What comes after the archive (art. 31, 33): added beside the file with its day; what was filed is never changed.
SUPPLEMENTARY = frozenset({DocumentKind.PERFORMANCE, DocumentKind.RETURN_VISIT, DocumentKind.CONFIRMATION})


class DocumentState(TextChoices):
    """Whether a document is in the file."""

    MISSING = "missing", _("待补")
    PRESENT = "present", _("已有")
    NOT_NEEDED = "not_needed", _("不需要")


class SessionKind(TextChoices):
    """What a record tells of."""

    INVESTIGATION = "investigation", _("调查")
    MEDIATION = "mediation", _("调解")
    RETURN_VISIT = "return_visit", _("回访")


class AgreementForm(TextChoices):
    """Written or oral (People's Mediation Law art. 28)."""

    WRITTEN = "written", _("书面协议")
    ORAL = "oral", _("口头协议")


class AgreementState(TextChoices):
    """Whether what was agreed is being done (履行情况)."""

    PERFORMING = "performing", _("履行中")
    PERFORMED = "performed", _("已履行")
    BREACHED = "breached", _("已违约")
    SUPERSEDED = "superseded", _("已被新协议接替")


#: Back as well as forth, because the ledger may learn more: a payment taken back, or one that is imported late.
NEXT_AGREEMENT: Mapping[AgreementState, Set[AgreementState]] = {
    AgreementState.PERFORMING: {AgreementState.PERFORMED, AgreementState.BREACHED},
    AgreementState.BREACHED: {AgreementState.PERFORMED, AgreementState.PERFORMING, AgreementState.SUPERSEDED},
    AgreementState.PERFORMED: {AgreementState.PERFORMING, AgreementState.BREACHED, AgreementState.SUPERSEDED},
    AgreementState.SUPERSEDED: {AgreementState.PERFORMED},
}

#: Nothing more is expected under these.
AGREEMENT_OVER = frozenset({AgreementState.PERFORMED, AgreementState.SUPERSEDED})


class Confirmation(TextChoices):
    """Judicial confirmation (司法确认; People's Mediation Law art. 33, Civil Procedure Law art. 205-206)."""

    NOT_SOUGHT = "not_sought", _("未申请")
    APPLIED = "applied", _("已申请")
    CONFIRMED = "confirmed", _("已确认")
    REJECTED = "rejected", _("已驳回")


NEXT_CONFIRMATION: Mapping[Confirmation, Set[Confirmation]] = {
    Confirmation.NOT_SOUGHT: {Confirmation.APPLIED},
    Confirmation.APPLIED: {Confirmation.CONFIRMED, Confirmation.REJECTED},
    Confirmation.CONFIRMED: set(),
    Confirmation.REJECTED: set(),
}


class SignerKind(TextChoices):
    """Whose signature or seal it is."""

    PARTY = "party", _("当事人")
    MEDIATOR = "mediator", _("调解员")
    COMMITTEE = "committee", _("调委会印章")


class IdentityKind(TextChoices):
    """What proves who a party is (身份证明)."""

    ID_CARD = "id_card", _("居民身份证")
    USCC = "uscc", _("统一社会信用代码")
    OTHER = "other", _("其他证件或证明")


class PayManner(TextChoices):
    """How an instalment is paid (履行方式)."""

    BANK = "bank", _("银行转账")
    WALLET = "wallet", _("手机支付")
    CASH = "cash", _("现金")


CONFIRMATION_DAYS = 30

#: Words that fill a field and say nothing; compared without signs and capitals.
SAYS_NOTHING = frozenset(
    "无 没有 略 暂无 暂缺 待补 待填 补 空 空白 同上 文字 内容 测试 null none na nil tbd todo test xx".split()  # noqa: SIM905
)


def says_something(text: str) -> bool:
    """Whether a paper has content: two different letters, digits or characters at least, and no placeholder."""
    said = "".join(sign for sign in text.casefold() if sign.isalnum())
    return len(set(said)) >= 2 and said not in SAYS_NOTHING


def check_content(text: str, *, field: str) -> str:
    """A paper of the file is never blank (空文书): it says what it is, or under which name or number it is kept."""
    if not says_something(text):
        raise Refused(_("文书没有内容：请写明内容，或者文书的名称和编号。"), field=field)
    return text.strip()


@dataclass(frozen=True, slots=True)
class Wanting:
    """A document that stands in the way of the archive; ``empty``: it is there and says nothing."""

    kind: DocumentKind
    empty: bool

    def __str__(self) -> str:
        name = str(self.kind.label)
        return str(_("%(paper)s（没有内容）") % {"paper": name}) if self.empty else name


def wanting(
    papers: Iterable[tuple[DocumentKind, DocumentState, bool]], *, also: Set[DocumentKind] = frozenset()
) -> list[Wanting]:
    """What a file still wants before it is archived, in its order (人民调解法第二十七条, 2010 年文书格式).

    ``papers`` are (kind, state, whether it has content). Required are ``REQUIRED`` and what this file needs besides
    (``also``: an authorisation where somebody signed for another); what is there is never blank.
    """
    out = []
    for kind, state, has_content in papers:
        if kind in GENERATED:
            continue
        if state is DocumentState.PRESENT:
            out += [] if has_content else [Wanting(kind, empty=True)]
        elif kind in also or (kind in REQUIRED and state is DocumentState.MISSING):
            out.append(Wanting(kind, empty=False))
    return out


def check_archivable(state: FileState, lacking: Sequence[Wanting]) -> None:
    """A file is archived when the mediation is over and nothing of it is wanting (归档)."""
    if state not in FILE_FINISHED:
        raise Refused(_("调解还没有结束，不能归档。"))
    if lacking:
        raise Refused(
            _("卷宗还缺：%(what)s。请用“归入文书”补齐，写明文书内容或编号和日期，再归档。"),
            what="、".join(str(row) for row in lacking),
        )


def check_willing(refusing: Sequence[str]) -> None:
    """There is no mediation where a party clearly refuses it (人民调解法第十七条)."""
    if refusing:
        raise Refused(
            _("“%(who)s”明确拒绝调解，依照人民调解法第十七条不得调解。"), who="、".join(refusing), field="parties"
        )


def check_sides(sides: Iterable[PartySide]) -> None:
    """A dispute has somebody on each side."""
    there = set(sides)
    if not {PartySide.APPLICANT, PartySide.RESPONDENT} <= there:
        raise Refused(_("调解至少要有申请人和被申请人各一方。"), field="parties")


def check_not_elsewhere(accepted_elsewhere: str) -> None:
    """What a court, the police or an authority has already accepted is not mediated here (司法部令第75号)."""
    if accepted_elsewhere.strip():
        raise Refused(
            _("该纠纷已由“%(who)s”受理，不能另行受理。"), who=accepted_elsewhere.strip(), field="accepted_elsewhere"
        )


def check_not_archived(archived_on: dt.date | None) -> None:
    """Nothing of a file changes once it is archived (归档)."""
    if archived_on is not None:
        raise Refused(_("卷宗已归档，不能再改。"))


def check_may_agree(state: FileState) -> None:
    """Particulars, authority and a draft are for an agreement to come (art. 29): written down while there may be one.

    They are personal, and nobody asks for more than an agreement needs (个人信息保护法第六条).
    """
    if state is FileState.AGREED:
        raise Refused(_("协议已经登记，不能再改。"))
    if state in FILE_FINISHED:
        raise Refused(_("调解已经结束（%(state)s），不再签协议；还要调解的，请另行受理。"), state=state.label)


def session_leads_to(state: FileState, kind: SessionKind, *, rights_told: bool) -> FileState:
    """The state of a file after an inquiry or a session (调查、调解): rights come first, and what has ended holds none."""
    if not rights_told:
        raise Refused(_("尚未告知当事人权利义务，不能开始调查或调解。"))
    to = FileState.INVESTIGATING if kind is SessionKind.INVESTIGATION else FileState.MEDIATING
    if state in (to, FileState.MEDIATING):
        return state
    check_move(state, to, NEXT_FILE)
    return to


def check_by_hand(kind: DocumentKind, *, state: DocumentState) -> None:
    """A paper that the system makes is not filed in words, nor one that had not come into being when mediation ended."""
    if kind in NOT_BY_HAND:
        raise Refused(
            _("%(paper)s不能手工归入：协议书要打印、签名、登记，封底归档时写成。"), paper=kind.label, field="kind"
        )
    if state is DocumentState.NOT_NEEDED:
        raise Refused(
            _("调解结束时没有%(paper)s，卷宗不再需要它；有情况要说明的，请写进卷宗情况说明。"),
            paper=kind.label, field="kind",
        )  # fmt: skip


def check_takes_supplements(state: FileState) -> None:
    """What is added to an archived file tells how its agreement fared (art. 31, 33): without one there is nothing to tell."""
    if state is not FileState.AGREED:
        raise Refused(_("卷宗已归档，没有达成协议，也就没有履行、回访和司法确认可以补充；还要调解的，请另行受理。"))


def check_supplement(kind: DocumentKind, *, state: FileState) -> None:
    """To an archived file come only papers on what happened afterwards (补充文书)."""
    check_takes_supplements(state)
    if kind not in SUPPLEMENTARY:
        raise Refused(
            _("卷宗已归档，不能再改；归档以后只能补充：%(kinds)s。"),
            kinds="、".join(str(k.label) for k in DocumentKind if k in SUPPLEMENTARY), field="kind",
        )  # fmt: skip


def check_day(day: dt.date, *, earliest: dt.date, today: dt.date, field: str) -> None:
    """Something written down happened neither before the file was opened nor in the future."""
    if day < earliest:
        raise Refused(_("日期不能早于受理日期。"), field=field)
    if day > today:
        raise Refused(_("日期不能晚于今天。"), field=field)


def check_instalments(instalments: Sequence[tuple[dt.date, int]], *, debt_fen: int, effective_on: dt.date) -> None:
    """The dated schedule (分期) is in order, each amount above zero, none due before effect, and adds up to the debt.

    An agreement that leaves amount or date unclear cannot be confirmed (民诉法解释第三百五十八条).
    """
    if debt_fen <= 0:
        raise Refused(_("协议所涉欠款要大于零。"), field="debt_fen")
    if not instalments:
        raise Refused(_("请写明履行的日期和金额。"), field="instalments")
    if any(fen <= 0 for _day, fen in instalments):
        raise Refused(_("每期金额要大于零。"), field="instalments")
    days = [day for day, _fen in instalments]
    if days != sorted(days) or len(set(days)) != len(days):
        raise Refused(_("各期日期要从早到晚、互不相同。"), field="instalments")
    if days[0] < effective_on:
        raise Refused(_("首期日期不能早于协议生效日。"), field="instalments")
    total = sum(fen for _day, fen in instalments)
    if total != debt_fen:
        raise Refused(
            _("各期合计 %(total)s 元，与协议欠款 %(debt)s 元不一致，请改到一分不差。"),
            total=yuan(total), debt=yuan(debt_fen), field="instalments",
        )  # fmt: skip


# -- particulars and powers of those who sign --------------------------------------------------------------------------

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def identity_fits(kind: IdentityKind, number: str) -> bool:
    """Whether a number is what its kind has: 18 signs whose last one proves the others (GB 11643, GB 32100)."""
    if kind is IdentityKind.OTHER:
        return says_something(number)
    if kind is IdentityKind.ID_CARD:
        if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
            return False
        return "10X98765432"[sum(int(d) * 2 ** (17 - n) for n, d in enumerate(number[:17])) % 11] == number[17]
    if len(number) != 18 or not set(number) <= set(_USCC_SIGNS):
        return False
    whole = sum(_USCC_SIGNS.index(sign) * pow(3, n, 31) for n, sign in enumerate(number[:17]))
    return _USCC_SIGNS[-whole % 31] == number[17]


def masked_identity(kind: IdentityKind, number: str) -> str:
    """A person's number with all but its ends hidden: the whole of it is on the copy in the file and nowhere else."""
    return f"{number[:3]}{'*' * 11}{number[-4:]}" if kind is IdentityKind.ID_CARD else number


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who a party is (当事人基本情况; People's Mediation Law art. 29): personal, so printed for those who may and told to none."""

    identity_kind: IdentityKind
    identity_number: str
    address: str
    phone: str
    representative: str = ""
    post: str = ""
    about: str = ""


def check_particulars(given: Particulars, *, organisation: bool, known: str = "") -> Particulars:
    """What a party must say of itself before an agreement is printed; ``known`` is the masked number kept already.

    Answers them with the number masked. An organisation says who represents it.
    """
    number = "".join(given.identity_number.split()).upper()
    if not (known and number == known) and not identity_fits(given.identity_kind, number):
        raise Refused(
            _("%(kind)s的号码不对：请照证件重新输入。"), kind=given.identity_kind.label, field="identity_number"
        )
    if not says_something(given.address):
        raise Refused(_("请写明住址或所在地，法院和调委会要送达。"), field="address")
    if sum(sign.isdigit() for sign in given.phone) < 5:
        raise Refused(_("请写明联系电话。"), field="phone")
    if organisation and not says_something(given.representative):
        raise Refused(_("单位请写明法定代表人或负责人。"), field="representative")
    kept = number if number == known else masked_identity(given.identity_kind, number)
    words = {n: getattr(given, n).strip() for n in ("address", "phone", "representative", "post", "about")}
    return Particulars(given.identity_kind, kept, **words)


def check_particulars_there(without: Sequence[str]) -> None:
    """An agreement names its parties with their particulars (人民调解法第二十九条): printed once they are there."""
    if without:
        raise Refused(
            _("还缺当事人基本情况（证件、住址、电话）：%(who)s。请在卷宗的“当事人”一栏填好再打印。"),
            who="、".join(without), field="parties",
        )  # fmt: skip


#: How many are named of those who lack something; the others are counted.
NAMED = 3


def check_authorised(lacking: Mapping[str, Sequence[str]]) -> None:
    """Who signs for another has that one's written authority (授权委托书; 民法典第一百六十五条), one for each.

    ``lacking``: by the name of who signs, the names of those whose authority is not in the file.
    """
    for agent, names in lacking.items():
        if names:
            raise Refused(
                _(
                    "%(agent)s代签的 %(n)d 户没有授权委托书：%(who)s。请先登记授权委托书（一份可以列多户），再打印和签名。"
                ),
                agent=agent, n=len(names), who=some_of(names), field="signed",
            )  # fmt: skip


def some_of(names: Sequence[str]) -> str:
    """The first few names, and how many there are."""
    first = "、".join(names[:NAMED])
    return first if len(names) <= NAMED else str(_("%(first)s等") % {"first": first})


def check_authorisation(*, scope: str, paper: str, given_on: dt.date, today: dt.date, to_itself: bool) -> None:
    """An authorisation says for what, under which name or number it is kept, and since when (民法典第一百六十五条)."""
    if to_itself:
        raise Refused(_("受托人不能委托自己，请换一个人。"), field="agent")
    if not says_something(scope):
        raise Refused(_("请写明委托事项和权限，例如：代为调解、签订协议。"), field="scope")
    if not says_something(paper):
        raise Refused(_("请写明授权委托书的名称或编号。"), field="paper")
    if given_on > today:
        raise Refused(_("委托的日期不能晚于今天。"), field="given_on")


# -- what an agreement says --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PayTo:
    """Into which account (付款方式和账户): payee, bank or wallet (for cash: the place), account number (cash has none)."""

    manner: PayManner
    payee: str
    bank: str
    account: str


def check_pay_to(to: PayTo) -> PayTo:
    """How and where is said so that a court could enforce it (民诉法解释第三百五十八条: 内容不明确的不予确认)."""
    if not says_something(to.payee):
        raise Refused(_("请写明收款人（户名）。"), field="payee")
    if not says_something(to.bank):
        wanted = _("请写明收现金的地点。") if to.manner is PayManner.CASH else _("请写明开户银行或支付平台。")
        raise Refused(wanted, field="bank")
    account = "".join(to.account.split())
    if to.manner is PayManner.CASH:
        account = ""
    elif len(account) < 5 or "*" in account or not says_something(account):
        raise Refused(_("请写明完整的收款账号；只写“分期还清”、没有账号的，法院不能确认。"), field="account")
    return PayTo(to.manner, to.payee.strip(), to.bank.strip(), account)


def check_debt(debt_fen: int, *, ledger_fen: int, on: dt.date, difference: str) -> str:
    """A debt that is not the ledger's says why (民诉法解释第三百五十八条); answers the reason, empty where there is no difference.

    ``ledger_fen``: what the ledger shows as owed to the utility at the end of ``on``, confirmed.
    """
    if debt_fen == ledger_fen:
        return ""
    if not says_something(difference):
        raise Refused(
            _(
                "协议欠款 %(debt)s 元，账上 %(day)s 欠 %(ledger)s 元，差 %(gap)s 元。请改成账上的数，或者写明差额的理由。"
            ),
            debt=yuan(debt_fen),
            day=on.isoformat(),
            ledger=yuan(ledger_fen),
            gap=yuan(debt_fen - ledger_fen),
            field="difference",
        )
    return difference.strip()


def check_terms(facts: str, terms: str) -> tuple[str, str]:
    """Main facts, points at issue and what was agreed (人民调解法第二十九条) say something."""
    if not says_something(facts):
        raise Refused(_("请写明纠纷的主要事实、争议事项和各方责任。"), field="facts")
    if not says_something(terms):
        raise Refused(_("请写明协议内容。"), field="terms")
    return facts.strip(), terms.strip()


# -- printed, signed, recorded -----------------------------------------------------------------------------------------


def check_printed(*, printed: bool, current: bool, number: int = 0) -> None:
    """Only what was printed is signed, and only as it was printed (先打印、后签名)."""
    if not printed:
        raise Refused(_("协议还没有打印。请先打印，各方在打印出来的协议上签名，再登记。"))
    if not current:
        raise Refused(_("第 %(n)d 次打印以后，草案、当事人情况或授权改过。请重新打印、重新签名。"), n=number)


def check_signing_days(days: Iterable[dt.date], *, printed_on: dt.date, today: dt.date) -> None:
    """Nobody signs a paper before it could be printed, nor tomorrow."""
    for day in days:
        if day < printed_on:
            raise Refused(
                _("签名和盖章的日期不能早于打印的日期（%(day)s）。"), day=printed_on.isoformat(), field="signed"
            )
        if day > today:
            raise Refused(_("签名和盖章的日期不能晚于今天。"), field="signed")


def check_new_signatures(twice: Sequence[str]) -> None:
    """A signature is entered once."""
    if twice:
        raise Refused(_("已经登记过签名：%(who)s。"), who=some_of(twice), field="signed")


def next_on_paper(form: AgreementForm, *, current: bool, signed: bool) -> Literal["print", "sign", "record"]:
    """What a draft waits for (草案 → 打印 → 签名 → 登记). ``current``: the last print is the draft; ``signed``: by all.

    What is agreed by word of mouth is neither printed beforehand nor signed.
    """
    if form is AgreementForm.ORAL or signed:
        return "record"
    return "sign" if current else "print"


def effective_on(
    form: AgreementForm,
    *,
    agreed_on: dt.date | None = None,
    unsigned: Sequence[str] = (),
    signed: Collection[dt.date] = (),
    mediator_signed_on: dt.date | None = None,
    sealed_on: dt.date | None = None,
) -> dt.date:
    """The day an agreement takes effect (生效日). Raises ``Refused`` where something is missing.

    Written: when all parties have signed, the mediator has signed and the committee has sealed it (art. 29).
    Oral: when the parties agree (art. 30); the mediator writes its content down (art. 28).
    """
    if form is AgreementForm.ORAL:
        if agreed_on is None:
            raise Refused(_("请写明达成口头协议的日期。"), field="agreed_on")
        return agreed_on
    if unsigned:
        raise Refused(
            several("还有 %(n)d 方当事人没有签名：%(who)s。书面协议不能生效。"),
            n=len(unsigned), who=some_of(unsigned), field="signed",
        )  # fmt: skip
    if mediator_signed_on is None:
        raise Refused(_("还缺调解员签名，书面协议不能生效。"), field="mediator_signed_on")
    if sealed_on is None:
        raise Refused(_("还缺调委会印章，书面协议不能生效。"), field="sealed_on")
    return max(mediator_signed_on, sealed_on, *signed)


def check_ready_to_agree(
    state: FileState, *, rights_told: bool, first_session_on: dt.date | None, on: dt.date, mediator: bool
) -> None:
    """No agreement before the parties know their rights (art. 23) and have sat down together, with a mediator to sign it.

    ``on`` is the day of drafting, or of the oral agreement; ``first_session_on`` is the first mediation on record.
    """
    if not rights_told:
        raise Refused(_("尚未告知当事人权利义务，不能签协议。"))
    if first_session_on is None:
        raise Refused(_("还没有调解记录，不能签协议。"))
    if on < first_session_on:
        raise Refused(
            _("达成协议的日期不能早于第一次调解（%(day)s）。"), day=first_session_on.isoformat(), field="agreed_on"
        )
    if not mediator:
        raise Refused(_("卷宗还没有指定调解员，协议没有人签。"))
    check_move(state, FileState.AGREED, NEXT_FILE)


def check_one_runs(*, running: bool) -> None:
    """One agreement at a time is performed over the debt of a supply point: a payment must not count twice."""
    if running:
        raise Refused(_("这块总表已有一份履行中的协议；违约的请先登记违约。"), field="point")


def check_follows(effective: dt.date, *, earliest: dt.date) -> None:
    """A further agreement over a supply point takes over where the one before it stops; it never reaches behind it."""
    if effective < earliest:
        raise Refused(
            _("这块总表已有协议，新协议最早 %(day)s 生效：更早到账的钱算在上一份里。"),
            day=earliest.isoformat(), field="agreed_on",
        )  # fmt: skip


def confirmation_deadline(effective: dt.date, calendar: Calendar) -> dt.date:
    """The last day on which both sides may jointly ask the court to confirm: 30 days from effect (art. 33).

    A last day that is a holiday moves to the first working day after it (Civil Procedure Law art. 85).
    """
    return calendar.last_day_of(effective + CONFIRMATION_DAYS * DAY)


def confirmation_over(effective: dt.date, on: dt.date, calendar: Calendar) -> bool:
    """Whether it is too late to ask the court, also if the year's notice still moves the last day."""
    return calendar.has_passed(effective + CONFIRMATION_DAYS * DAY, on)


def check_confirmation(
    *,
    effective: dt.date,
    applied_on: dt.date,
    applicants: Collection[int],
    parties: Collection[int],
    calendar: Calendar,
) -> None:
    """The parties apply jointly (共同申请) and in time."""
    if applied_on < effective:
        raise Refused(_("协议还没有生效，不能申请司法确认。"), field="applied_on")
    deadline = confirmation_deadline(effective, calendar)
    if confirmation_over(effective, applied_on, calendar):
        raise Refused(_("已过司法确认申请期限（%(day)s）。"), day=deadline.isoformat(), field="applied_on")
    if not set(parties) <= set(applicants):
        raise Refused(_("司法确认要由各方当事人共同申请。"), field="applicants")


def late(*, in_time_until: dt.date, met_on: dt.date | None, on: dt.date) -> bool:
    """Whether an instalment missed its last day in time, seen from a day: not met in full by its end, even if met since."""
    return (on if met_on is None else met_on) > in_time_until


def standing(state: AgreementState, *, met: bool, late: bool, followed: bool) -> AgreementState:
    """How an agreement stands by the ledger (履行情况): money that is learnt of later moves it, both ways.

    ``met``: every instalment is; ``late``: one of them was; ``followed``: a later agreement over the same supply point
    took over. That all is performed is written down by a person first, and holds as long as the ledger bears it out.
    """
    if state is AgreementState.PERFORMED and met:
        return state
    if followed:
        return AgreementState.SUPERSEDED
    return AgreementState.BREACHED if late else AgreementState.PERFORMING


def of_file(number: str, text: Words) -> Saying:
    """What is told of a file in its case: the file's ``number`` first."""
    return Saying(_("%(file)s %(text)s"), file=number, text=text)


def why_moved(state: AgreementState, to: AgreementState) -> str | Promise:
    """Why the ledger moves an agreement from one state to another, in words."""
    if to is AgreementState.SUPERSEDED:
        return _("同一块总表签了新协议，以后到账的钱算在新协议里")
    if state is AgreementState.PERFORMED:
        return _("账上的款项被冲正，分期不再到齐")
    if to is AgreementState.PERFORMING:
        return _("补录的款项证明各期都按时到账")
    return _("有一期没有按时到账")


def check_breached(state: AgreementState, *, late: bool) -> None:
    """That an agreement was broken is written down while it is performed, where an instalment was ``late`` by the ledger.

    From any other state the ledger alone moves it (``standing``): what was performed late was performed.
    """
    if state is not AgreementState.PERFORMING:
        raise Refused(
            _("协议现在是“%(state)s”，履行中的才登记违约；账上的款项有变动的，每日核对会按账更正。"), state=state.label
        )
    if not late:
        raise Refused(_("各期都按时到账，没有违约。"))


def check_performed(*, met: bool) -> None:
    """That an agreement was performed is written down where every instalment is ``met`` by the ledger."""
    if not met:
        raise Refused(_("还有分期没有到账，不能登记履行完毕。到账以水司确认的款项为准。"))


def agreement_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over what was signed, as hex."""
    whole = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()
