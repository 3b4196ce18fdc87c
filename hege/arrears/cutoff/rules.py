"""When water may be cut off, when the cut is deferred, and when a deferral ends: a guard, not a button.

Civil Code art. 654 and 656: after a demand and a reasonable period the supplier may stop, by the state
procedure and with prior notice. The terms are data (``arrears.rules.ThresholdKind``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.arrears.rules import Flow, paid_to_utility, payable_on
from hege.kernel.calendar import DAY, Calendar, IsWorkday, working_days_between
from hege.kernel.checks import check_move, check_words
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.refused import Refused, refusal_of


class CutoffStep(TextChoices):
    """How far a cut-off procedure has come (停水程序)."""

    DEMANDED = "demanded", _("已催缴")
    NOTICED = "noticed", _("已书面通知")
    DEFERRED = "deferred", _("暂缓停水")
    CUT = "cut", _("已停水")
    RESTORED = "restored", _("已恢复供水")
    CLEARED = "cleared", _("已结清")
    WITHDRAWN = "withdrawn", _("已撤回")


NEXT_STEP: Mapping[CutoffStep, Set[CutoffStep]] = {
    CutoffStep.DEMANDED: {CutoffStep.NOTICED, CutoffStep.DEFERRED, CutoffStep.CLEARED, CutoffStep.WITHDRAWN},
    # Noticed once more, when somebody has moved in whom the first notice did not reach.
    CutoffStep.NOTICED: {
        CutoffStep.DEMANDED,
        CutoffStep.NOTICED,
        CutoffStep.DEFERRED,
        CutoffStep.CUT,
        CutoffStep.CLEARED,
        CutoffStep.WITHDRAWN,
    },
    # Back to demanded when the deferral lapses: its notice is spent, a cut needs a new one (Civil Code art. 656).
    CutoffStep.DEFERRED: {CutoffStep.DEMANDED, CutoffStep.CLEARED},
    CutoffStep.CUT: {CutoffStep.RESTORED},
    CutoffStep.RESTORED: set(),
    CutoffStep.CLEARED: set(),
    CutoffStep.WITHDRAWN: set(),
}

#: A supply point has at most one procedure in these states.
RUNNING_STEPS = frozenset({CutoffStep.DEMANDED, CutoffStep.NOTICED, CutoffStep.DEFERRED, CutoffStep.CUT})


class PutOff(NamedTuple):
    """A deferral as far as a past day asks: its days, half-open, and the day on which it was written down as ended."""

    from_on: dt.date
    until_on: dt.date
    ended_on: dt.date | None


class Passed(NamedTuple):
    """The days on which a procedure took its steps; None for one it did not take."""

    served_on: dt.date | None
    cut_on: dt.date | None
    restored_on: dt.date | None
    ended_on: dt.date | None
    put_off: tuple[PutOff, ...] = ()


def stood_on(day: dt.date, passed: Passed, *, now: CutoffStep) -> tuple[CutoffStep, dt.date | None]:
    """How a procedure stood at the end of a past day, as it was known then, and until when it was put off.

    A notice served anew hides when the first one was: before that day it counts as demanded.
    """

    def by(then: dt.date | None) -> bool:
        return then is not None and then <= day

    if by(passed.ended_on):
        return now, None
    for step, on in ((CutoffStep.RESTORED, passed.restored_on), (CutoffStep.CUT, passed.cut_on)):
        if by(on):
            return step, None
    begun = [one for one in passed.put_off if by(one.from_on)]
    running = [one for one in begun if not by(one.ended_on)]
    if running:
        return CutoffStep.DEFERRED, max(one.until_on for one in running)
    spent_on = max((one.ended_on for one in begun if one.ended_on), default=dt.date.min)
    served = by(passed.served_on) and passed.served_on is not None and passed.served_on >= spent_on
    return (CutoffStep.NOTICED if served else CutoffStep.DEMANDED), None


class DeferralState(TextChoices):
    """How a deferral stands (暂缓)."""

    RUNNING = "running", _("暂缓中")
    LAPSED = "lapsed", _("已失效")
    RENEWED = "renewed", _("已续期")
    CLEARED = "cleared", _("已解除")


NEXT_DEFERRAL: Mapping[DeferralState, Set[DeferralState]] = {
    DeferralState.RUNNING: {DeferralState.LAPSED, DeferralState.RENEWED, DeferralState.CLEARED},
    DeferralState.LAPSED: set(),
    DeferralState.RENEWED: set(),
    DeferralState.CLEARED: set(),
}


class LapseReason(TextChoices):
    """Why a deferral ended by itself."""

    EXPIRED = "expired", _("暂缓到期")
    CONDITION_BROKEN = "condition_broken", _("条件到期未达成")
    AGREEMENT_BREACHED = "agreement_breached", _("调解协议违约")


class ConditionKind(TextChoices):
    """What a deferral rests on (暂缓条件). The two about money are judged by confirmed ledger payments alone."""

    REMIT_AT_LEAST = "remit_at_least", _("期限前向水司至少缴纳")
    PAYABLE_AT_MOST = "payable_at_most", _("到期日欠水司不超过")
    OTHER = "other", _("其他条件")


MONEY_CONDITIONS = frozenset({ConditionKind.REMIT_AT_LEAST, ConditionKind.PAYABLE_AT_MOST})


class Delivery(TextChoices):
    """How a demand or notice reached its addressee (送达方式)."""

    IN_PERSON = "in_person", _("当面签收")
    REGISTERED_MAIL = "registered_mail", _("挂号信/特快专递")
    POSTED = "posted", _("现场张贴并拍照")
    MESSAGE = "message", _("短信/微信留存")


class Affected(NamedTuple):
    """A unit that a cut would leave without water; ``use`` by its code, ``sensitive`` raises the bar."""

    code: str
    name: str
    use: str
    sensitive: bool


# A kitchen cannot work without water; a hospital, school or home must not be left without it lightly.
SENSITIVE_USES = frozenset({"catering", "hospital", "school", "resident"})


class Consent(NamedTuple):
    """The utility's own word that water stays on: who gave it for the utility, on which day, on which paper."""

    said_by: str
    said_on: dt.date
    document: str


class ConditionDraft(NamedTuple):
    """A condition as agreed: the last day it can be met, fen for money, words for anything else."""

    kind: ConditionKind
    due_on: dt.date
    fen: int | None = None
    text: str = ""


class ConditionSeen(NamedTuple):
    """A condition that stands, as the rule sees it: ``due_on`` is the last day in time (a holiday moves, art. 203).

    ``fulfilled_on`` counts for words alone: what is kept of a money condition is for show.
    """

    key: int
    kind: ConditionKind
    due_on: dt.date
    fen: int | None
    fulfilled_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a day's watch over one deferral finds: why it lapses (None: it holds), and what was met and when."""

    lapse: LapseReason | None
    lapsed_on: dt.date | None = None
    broken_key: int | None = None
    met: tuple[tuple[int, dt.date], ...] = ()


def check_step(state: CutoffStep, to: CutoffStep) -> None:
    """Refuse a step that the table does not allow."""
    check_move(state, to, NEXT_STEP, _("停水程序现在是“%(state)s”，不能变为“%(to)s”。"))


def check_deferral_move(state: DeferralState, to: DeferralState) -> None:
    """Refuse to move a deferral that no longer runs."""
    check_move(state, to, NEXT_DEFERRAL, _("这次暂缓“%(state)s”，不能再变动。"))


def open_steps(
    state: CutoffStep,
    *,
    lapsed: bool,
    term_ends_on: dt.date,
    today: dt.date,
    served_at: dt.datetime | None,
    payable_fen: int,
    overdue_fen: int,
    covered_fen: int | None,
) -> Set[CutoffStep]:
    """The steps people may take today (停水程序下一步), rights aside; to cut, ``check_cut`` is asked as well.

    Where it stands already means once more: a further demand, another notice, a renewal. ``lapsed``: the deferral has
    ended by itself, and nothing is done to it. ``term_ends_on``: of the first demand. The sums are those of ``check_clear``.
    """
    if lapsed:
        return frozenset()
    refused = {
        CutoffStep.DEMANDED: refusal_of(check_demandable, state=state, overdue_fen=overdue_fen),
        CutoffStep.NOTICED: refusal_of(check_term, on=today, ends=term_ends_on),
        CutoffStep.DEFERRED: refusal_of(check_deferrable, state=state, served_at=served_at),
        CutoffStep.CLEARED: refusal_of(
            check_clear, payable_fen=payable_fen, overdue_fen=overdue_fen, covered_fen=covered_fen
        ),
    }
    once_more = {state} & {CutoffStep.DEMANDED}
    steps = {to for to in NEXT_STEP[state] - {CutoffStep.DEMANDED} | once_more if not refused.get(to)}
    return steps | {state} if state is CutoffStep.DEFERRED else steps


def check_agrees_to_restore(state: CutoffStep, *, restoring: bool) -> None:
    """The utility's word restores water that is cut while nothing else does: ``restoring``: the time to do so runs."""
    check_step(state, CutoffStep.RESTORED)
    if restoring:
        raise Refused(_("恢复供水的期限已经在走，不用再登记水务公司的同意；恢复以后请登记恢复供水。"))


NO_PROOF = _("请写明送达凭证（签收单、邮单号或照片编号）。")


def check_demandable(state: CutoffStep | None, *, overdue_fen: int) -> None:
    """What is overdue is demanded (催缴), until a notice is served; what is owed and not due yet is not.

    ``state``: of the procedure that runs, None where none does.
    """
    if state not in (None, CutoffStep.DEMANDED):
        raise Refused(_("停水程序现在是“%(state)s”，不用再催缴。"), state=state.label)
    if overdue_fen <= 0:
        raise Refused(_("没有逾期的账单，不能催缴。"))


def check_demand(
    *,
    state: CutoffStep | None,
    overdue_fen: int,
    proof: str,
    delivered_on: dt.date,
    since: dt.date | None,
    today: dt.date,
) -> None:
    """A demand (催缴) is for something overdue, was delivered, and can be proven (Civil Code art. 195).

    ``since``: the day the running procedure was opened, or the last one ended. An earlier demand would let the
    reasonable period begin in the past.
    """
    check_demandable(state, overdue_fen=overdue_fen)
    check_words(proof, NO_PROOF, field="proof")
    if delivered_on > today:
        raise Refused(_("送达日期不能晚于今天。"), field="delivered_on")
    if since is not None and delivered_on < since:
        raise Refused(
            _("送达日期不能早于 %(day)s：那时这次停水程序还没有开始。"), day=since.isoformat(), field="delivered_on"
        )


def term_ends_on(delivered_on: dt.date, term_days: int, calendar: Calendar) -> dt.date:
    """The last day of the reasonable period after a demand (合理期限).

    Counted from the day after delivery (art. 201); ends on a working day that no notice can still move (art. 203).
    """
    return calendar.in_time_until(delivered_on + dt.timedelta(days=term_days))


def check_term(*, on: dt.date, ends: dt.date) -> None:
    """No notice is served on a day before the reasonable period (合理期限) is over."""
    if on <= ends:
        raise Refused(
            _("催缴后的合理期限到 %(day)s 为止，期满前不能发停水通知。"), day=ends.isoformat(), field="served_at"
        )


def check_noticing(state: CutoffStep) -> None:
    """A notice may be served after a demand or a notice, never while people are told that water stays on."""
    if state is CutoffStep.DEFERRED:
        raise Refused(_("正在暂缓停水，不能再发停水通知。"))
    check_step(state, CutoffStep.NOTICED)


def check_notice(
    *,
    demanded_fen: int,
    delivered_on: dt.date,
    term_days: int,
    calendar: Calendar,
    served_at: dt.datetime,
    since: dt.datetime | None,
    at: dt.datetime,
    proof: str,
    affected: Collection[Affected],
    filing: str,
) -> None:
    """A cut-off notice (停水通知) follows the reasonable period, is written and proven, and lists whom it affects.

    ``since``: when the notice before it was served or the last deferral ended, whichever is later; None for a first one.
    ``demanded_fen``: what was overdue when it was demanded and still is.
    """
    check_term(on=day_of(served_at), ends=term_ends_on(delivered_on, term_days, calendar))
    if served_at > at:
        raise Refused(_("送达时间不能晚于现在。"), field="served_at")
    if since is not None and served_at < since:
        raise Refused(_("送达时间不能早于上一次通知，也不能早于暂缓结束。"), field="served_at")
    if demanded_fen <= 0:
        raise Refused(_("催缴过的账单没有逾期未缴的，不能发停水通知；以后逾期的账单要另行催缴。"))
    check_words(proof, NO_PROOF, field="proof")
    _check_affected(affected, filing)


def _check_affected(affected: Collection[Affected], filing: str) -> None:
    if not affected:
        raise Refused(_("没有列出受影响的商铺，请先登记这块总表后面的商铺。"))
    sensitive = [a.code for a in affected if a.sensitive]
    if sensitive and not any(
        sign.isdigit() for sign in filing
    ):  # a filing number is a document's number, not any words
        raise Refused(
            _("受影响的有医院、学校、餐饮或居民（%(codes)s），须先报供水主管部门备案并写明文号。"),
            codes="、".join(sensitive[:10]), field="filing",
        )  # fmt: skip


def not_before(served_at: dt.datetime, notice_hours: int) -> dt.datetime:
    """The first instant water may be cut after a written notice, aware."""
    return served_at + dt.timedelta(hours=notice_hours)


def notice_stands(served_at: dt.datetime | None, deferral_ended_at: dt.datetime | None) -> bool:
    """Whether a written notice still counts: only one served after the last deferral ended, however that ended.

    Civil Code art. 656 asks for notice beforehand: who was promised water until a day must be told anew.
    """
    return served_at is not None and (deferral_ended_at is None or served_at >= deferral_ended_at)


def check_cut(
    *,
    state: CutoffStep,
    served_at: dt.datetime | None,
    deferral_ended_at: dt.datetime | None,
    not_before_at: dt.datetime | None,
    cut_at: dt.datetime,
    at: dt.datetime,
    demanded_fen: int,
    affected: Collection[Affected],
    unlisted: Collection[str],
    filing: str,
) -> None:
    """Water may be cut (停水) when a notice stands and has run out, what was demanded is still owed, and all were told.

    ``demanded_fen``: what was overdue when it was demanded and still is; a bill of after that needs a demand of its own.
    ``unlisted`` are the codes of units that draw from the meter now and were not in the notice.
    """
    if served_at is not None and not notice_stands(served_at, deferral_ended_at):
        raise Refused(_("暂缓结束以后还没有重新书面通知，不能停水（民法典第六百五十六条）。"))
    check_step(state, CutoffStep.CUT)
    if not_before_at is None or cut_at < not_before_at:
        raise Refused(_("书面通知的期限还没有满，不能停水。"), field="cut_at")
    if cut_at > at:
        raise Refused(_("停水时间不能晚于现在。"), field="cut_at")
    if demanded_fen <= 0:
        raise Refused(_("催缴过的账单已经缴清，不能停水；以后逾期的账单要另行催缴、通知。"))
    if unlisted:
        raise Refused(
            _("商铺 %(codes)s 在通知之后才接入，没有被告知，须重新书面通知。"), codes="、".join(sorted(unlisted)[:10])
        )
    _check_affected(affected, filing)


def check_deferrable(state: CutoffStep, *, served_at: dt.datetime | None) -> None:
    """There is a cut to put off once a notice was served, also after an earlier deferral has lapsed."""
    check_step(state, CutoffStep.DEFERRED)
    if served_at is None:
        raise Refused(_("还没有发过停水通知，没有停水可以暂缓。"))


def check_deferral(
    *, today: dt.date, until_on: dt.date, conditions: Sequence[ConditionDraft], from_on: dt.date | None = None
) -> None:
    """A deferral (暂缓停水) ends on a later day and rests on conditions that fall due before it ends.

    ``until_on`` is the first day without protection (half-open).
    """
    if until_on <= today or (from_on is not None and until_on <= from_on):
        raise Refused(_("暂缓的截止日期要晚于今天。"), field="until")
    if not conditions:
        raise Refused(_("暂缓停水要写明条件，至少一项。"), field="conditions")
    for c in conditions:
        if c.due_on < today or c.due_on >= until_on:
            raise Refused(_("条件的到期日要在今天到暂缓结束之间。"), field="conditions")
        if c.kind in MONEY_CONDITIONS and (c.fen is None or c.fen < (c.kind is ConditionKind.REMIT_AT_LEAST)):
            raise Refused(_("金额条件要写明金额。"), field="conditions")
        if c.kind is ConditionKind.OTHER and not c.text.strip():
            raise Refused(_("其他条件要写明内容。"), field="conditions")


def may_fulfil(kind: ConditionKind, *, met: bool, late: bool) -> bool:
    """Whether somebody may say that a condition was met: not of money, which the ledger tells, and only in time."""
    return kind not in MONEY_CONDITIONS and not met and not late


def check_fulfil(
    kind: ConditionKind, *, met: bool, evidence: str, on: dt.date, from_on: dt.date, due_on: dt.date, today: dt.date
) -> None:
    """Only a condition that is not about money is met by a document; money is judged by confirmed payments alone.

    It was met after the deferral was granted on ``from_on`` and no later than ``due_on``, the last day in time.
    """
    if not may_fulfil(kind, met=met, late=False):
        money = _("金额条件只按账上已证实的缴款判断，不能手工填报。")
        raise Refused(money if kind in MONEY_CONDITIONS else _("这项条件已经达成。"))
    check_words(evidence, _("请写明达成条件的证据。"), field="evidence")
    if on > today:
        raise Refused(_("达成日期不能晚于今天。"), field="on")
    if on < from_on:
        raise Refused(_("达成日期不能早于暂缓开始的 %(day)s。"), day=from_on.isoformat(), field="on")
    if on > due_on:
        raise Refused(_("达成日期晚于条件的到期日，这项条件没有按时达成。"), field="on")


def met_on(condition: ConditionSeen, flows: Sequence[Flow], *, from_on: dt.date, on: dt.date) -> dt.date | None:
    """The day a condition was met, as far as is known at the end of day ``on``; None if it is not.

    Money is told from confirmed payments each time anew, so that one taken back counts no more. "Remit at least"
    counts what reached the utility from ``from_on`` on, by the day it came to enough; "payable at most" looks at
    the end of the due day alone, because a bill may come in between.
    """
    if condition.fen is None:
        return condition.fulfilled_on
    if condition.kind is ConditionKind.PAYABLE_AT_MOST:
        judged = on >= condition.due_on and payable_on(flows, condition.due_on) <= condition.fen
        return condition.due_on if judged else None
    for day in sorted({f.on for f in flows if from_on <= f.on <= min(on, condition.due_on)}):
        if paid_to_utility(flows, from_on=from_on, until_on=day + DAY) >= condition.fen:
            return day
    return None


def judge_deferral(
    *,
    from_on: dt.date,
    until_on: dt.date,
    conditions: Sequence[ConditionSeen],
    flows: Sequence[Flow],
    on: dt.date,
    breached_on: dt.date | None = None,
) -> Verdict:
    """Whether a deferral still holds on a day (每日核对): lapses the day after a condition was due and not met.

    ``flows`` are confirmed rows only; ``breached_on`` is the day the agreement that keeps it was broken. It also
    lapses when ``until_on`` has come.
    """
    met: list[tuple[int, dt.date]] = []
    broken: list[ConditionSeen] = []
    for condition in conditions:
        day = met_on(condition, flows, from_on=from_on, on=on)
        if day is not None and day <= condition.due_on:
            met.append((condition.key, day))
        elif on > condition.due_on:
            broken.append(condition)
    if broken:
        first = min(broken, key=lambda c: (c.due_on, c.key))
        return Verdict(LapseReason.CONDITION_BROKEN, first.due_on + DAY, first.key, tuple(met))
    if breached_on is not None and breached_on <= on:
        return Verdict(LapseReason.AGREEMENT_BREACHED, breached_on, None, tuple(met))
    if on >= until_on:
        return Verdict(LapseReason.EXPIRED, until_on, None, tuple(met))
    return Verdict(None, met=tuple(met))


def working_days_left(until_on: dt.date, on: dt.date, is_workday: IsWorkday) -> int:
    """Working days after ``on`` up to and including the last protected day, the one before ``until_on``."""
    return working_days_between(on, until_on - DAY, is_workday)


def check_consent(consent: Consent, *, opened_on: dt.date, today: dt.date) -> None:
    """Cutting for a debt is the utility's right alone (Civil Code art. 656): it alone can agree to wait, in its own words.

    ``opened_on``: the day the procedure began; a word given before is not about it.
    """
    check_words(consent.said_by, _("请写明水务公司由谁同意（姓名或部门）。"), field="said_by")
    check_words(consent.document, _("请写明水务公司同意的凭证（复函名称或文号、签字的协议条款）。"), field="document")
    if consent.said_on > today:
        raise Refused(_("水务公司同意的日期不能晚于今天。"), field="said_on")
    if consent.said_on < opened_on:
        raise Refused(
            _("水务公司同意的日期不能早于 %(day)s：那时这次停水程序还没有开始。"),
            day=opened_on.isoformat(), field="said_on",
        )  # fmt: skip


def check_keeps(*, kept: bool, covered_fen: int | None, overdue_fen: int) -> None:
    """Whether an agreement can keep a deferral (协议维持暂缓), once the utility has agreed to that; all in fen.

    ``kept``: it does already. ``covered_fen``: its unmet instalments; None once it is broken or another took over.
    """
    if kept:
        raise Refused(_("这次暂缓已经按这份协议延续。"))
    if covered_fen is None:
        raise Refused(_("协议已经违约或者被新协议接替，不能凭它延续暂缓。"))
    check_covers(covered_fen=covered_fen, overdue_fen=overdue_fen)


def check_covers(*, covered_fen: int, overdue_fen: int) -> None:
    """An agreement stands in for a cut-off only where it is about all of the debt that is overdue, in fen."""
    if covered_fen < overdue_fen:
        raise Refused(
            _("逾期的欠款有 %(owed)s 元，协议只管 %(covered)s 元，不能凭协议不停水。"),
            owed=yuan(overdue_fen), covered=yuan(covered_fen),
        )  # fmt: skip


def check_clear(*, payable_fen: int, overdue_fen: int, covered_fen: int | None) -> None:
    """A deferral is lifted for good when nothing is owed any more, or an agreement stands over all that is overdue.

    All in fen at the end of a day, confirmed. ``overdue_fen`` is ``payable_fen`` less the bills that are not overdue
    yet: those that came out since the agreement do not block. ``covered_fen``: the agreement's unmet instalments;
    None where no agreement stands.
    """
    if payable_fen <= 0:
        return
    if covered_fen is None:
        raise Refused(_("还欠水司 %(fen)s 元，也没有生效的调解协议，不能解除。"), fen=yuan(payable_fen))
    check_covers(covered_fen=covered_fen, overdue_fen=overdue_fen)
