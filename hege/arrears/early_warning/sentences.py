"""A warning in words: what is wrong, and what waiting costs. Built from its figures, so that it reads in any language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from hege.arrears.early_warning.rules import Finding, WarningKind, doubt_of
from hege.billing.rules import says as doubt_says
from hege.kernel.money import yuan


def _values(finding: Finding) -> dict[str, str]:
    """Everything a sentence may name: figures (``_fen`` as yuan), the first piece of evidence, the day it began."""
    values = {
        name.removesuffix("_fen"): yuan(value) if name.endswith("_fen") else str(value)
        for name, value in finding.figures.items()
    }
    first = finding.evidence[0] if finding.evidence else None
    values["since"] = finding.since.isoformat()
    values["number"] = first.number if first else ""
    values["on"] = first.on.isoformat() if first else ""
    return values


def says(finding: Finding) -> str:
    """What is wrong (预警说明), one sentence with its figures."""
    if finding.kind is WarningKind.BILL_DOUBTED:
        return _("%(sentence)s。") % {"sentence": doubt_says(doubt_of(finding))}
    return SAYS[finding.kind]() % _values(finding)


def waiting(finding: Finding) -> str:
    """What waiting costs (拖延的代价), one sentence."""
    return WAITING[finding.kind]() % _values(finding)


SAYS: Mapping[WarningKind, Callable[[], str]] = {
    WarningKind.RESTORE_LATE: lambda: _(
        "催缴的欠费 %(on)s 已缴清或水务公司已同意恢复，应在 %(hours)s 小时内恢复供水，过了 %(days)s 天还停着。"
    ),
    WarningKind.BILL_OVERDUE: lambda: _(
        "%(bills)s 张账单逾期未缴清，最早一张 %(number)s 应于 %(on)s 前缴，已过 %(days)s 天；逾期未缴 %(overdue)s 元。"
    ),
    WarningKind.PAID_BUT_OVERDUE: lambda: _(
        "商铺应交 %(charged)s 元，已交给代收人 %(paid)s 元（%(percent)s%%），账单 %(number)s 仍逾期，尚欠水司 %(overdue)s 元。"
    ),
    WarningKind.HELD_TOO_OLD: lambda: _(
        "代收人手里有 %(held)s 元未交水司，其中 %(old)s 元收了超过 %(limit_days)s 天，最早一笔收于 %(on)s。"
    ),
    WarningKind.REMITTED_RATIO: lambda: _(
        "最近两期代收 %(collected)s 元，解缴 %(remitted)s 元（%(percent)s%%），都不足 %(limit_percent)s%%。"
    ),
    WarningKind.PAYABLE_GROWING: lambda: _(
        "每期期末欠水司的钱连续 %(periods)s 期增加，由 %(before)s 元增至 %(payable)s 元。"
    ),
    WarningKind.DEFERRAL_ENDING: lambda: _("暂缓停水到 %(on)s 为止，还剩 %(working_days_left)s 个工作日。"),
    WarningKind.ASSERTION_FAILED: lambda: _(
        "核对 %(number)s：%(on)s 凭证写 %(stated)s 元，账上（已证实）%(booked)s 元，相差 %(difference)s 元。"
    ),
    WarningKind.UNPROVEN_SHARE_HIGH: lambda: _(
        "逾期的 %(overdue)s 元里有 %(unproven)s 元（%(percent)s%%）既无人承认也无证据，说不清钱在谁手里。"
    ),
    WarningKind.READINGS_MISSING: lambda: _(
        "%(meters)s 块分表超过 %(limit_days)s 天没有读数，最早的 %(number)s 上次抄表在 %(on)s。"
    ),
    WarningKind.METER_PAST_LIFE: lambda: _("%(meters)s 块水表超过使用年限，最早的 %(number)s 于 %(on)s 到期。"),
}

WAITING: Mapping[WarningKind, Callable[[], str]] = {
    WarningKind.RESTORE_LATE: lambda: _("再等下去：停水已经没有依据，商铺还开不了门。"),
    WarningKind.BILL_OVERDUE: lambda: _(
        "再等下去：合同约定了违约金的，逐日增加；催缴满 %(term_days)s 天、书面通知满 %(notice_hours)s 小时后可能停水。"
    ),
    WarningKind.PAID_BUT_OVERDUE: lambda: _("再等下去：已足额交钱的 %(shops)s 户商铺要为别人的拖欠承担停水的风险。"),
    WarningKind.HELD_TOO_OLD: lambda: _("再等下去：商铺交了的钱到不了水司，账单逾期，越往后越难追回。"),
    WarningKind.REMITTED_RATIO: lambda: _("照此下去：每期约再有 %(per_period)s 元收了不交。"),
    WarningKind.PAYABLE_GROWING: lambda: _("照此下去：每期约再多欠 %(per_period)s 元。"),
    WarningKind.DEFERRAL_ENDING: lambda: _(
        "到期不续也不结：停水程序恢复，重新书面通知满 %(notice_hours)s 小时后可以停水。"
    ),
    WarningKind.ASSERTION_FAILED: lambda: _("再等下去：证据和经手人越来越难找，谁持有、谁欠付都说不准。"),
    WarningKind.BILL_DOUBTED: lambda: _("再等下去：账单已照登、已分摊，错的钱各户先担着；越晚越难向水司问清。"),
    WarningKind.UNPROVEN_SHARE_HIGH: lambda: _(
        "再等下去：收据和转账记录会遗失，诉讼时效只有三年；还有 %(shops)s 户要走访核实。"
    ),
    WarningKind.READINGS_MISSING: lambda: _("再等下去：下一张账单不能按分表分摊，只能挂在未分摊。"),
    WarningKind.METER_PAST_LIFE: lambda: _("再等下去：超期水表的读数不能作结算依据，按它分摊的水费会被推翻。"),
}
