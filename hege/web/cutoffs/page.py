"""What the pages of 停水程序 show: the list, one procedure with its clocks, conditions judged by the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set
from typing import Any, ClassVar

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from hege.arrears.cutoff import queries, rules
from hege.arrears.cutoff.models import CutoffNotice, Deferral, Demand, UtilityConsent
from hege.arrears.cutoff.rules import RUNNING_STEPS, Affected, ConditionKind, CutoffStep, DeferralState, Verdict
from hege.arrears.early_warning.queries import overdue_fen
from hege.arrears.queries import flows_of, threshold_table
from hege.arrears.rules import ThresholdKind, paid_to_utility, payable_on
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon, start_of
from hege.kernel.money import yuan
from hege.kernel.refused import Refused, allows, refusal_of
from hege.kernel.saying import told
from hege.kernel.several import several
from hege.mediation.queries import covered_fen
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import day, dots, instant
from hege.web.marks import Button, Chip, Line, StateList, Step, Text, When
from hege.web.shared.issued import Issued


class CutoffList(StateList):
    """The procedures of one's part of the street, the nearest clock first; ended ones are hidden unless asked for."""

    here = "cutoffs:index"
    TABS: ClassVar = {
        "": (_("在走的"), RUNNING_STEPS),
        "deferred": (_("暂缓中"), {CutoffStep.DEFERRED}),
        "ended": (_("已了结"), frozenset(CutoffStep) - RUNNING_STEPS),
        "all": (_("全部"), frozenset(CutoffStep)),
    }

    def __init__(self, desk: Desk, tab: str) -> None:
        super().__init__(desk, tab, queries.notices_of(desk.street, paths=desk.paths("cutoffs.see")))

    @cached_property
    def _protected_from(self) -> dt.date:
        """A deferral to later than this day protects today."""
        return workday_calendar(self.desk.street).first_not_passed(self.desk.today)

    @property
    def ordered(self) -> QuerySet[Any]:
        """Cut first, then what may be cut soonest, then deferrals by their end, then demands by age."""
        running = Deferral.objects.filter(street=self.desk.street, notice=OuterRef("pk"), state=DeferralState.RUNNING)
        rows: QuerySet[Any] = (
            self.shown.prefetch_related(None)
            .annotate(
                deferred_until=Subquery(running.values("until_on")[:1]),
                demanded_on=Min("demands__delivered_on"),
                renewals=Subquery(running.values("renewals")[:1]),
                open_conditions=Count(
                    "deferrals__conditions",
                    filter=Q(deferrals__state=DeferralState.RUNNING, deferrals__conditions__fulfilled_on__isnull=True),
                    distinct=True,
                ),
            )
            .order_by(
                F("cut_at").asc(nulls_last=True),
                F("deferred_until").asc(nulls_last=True),
                F("not_before_at").asc(nulls_last=True),
                "-opened_on",
                "-pk",
            )
        )
        return rows

    def row(self, notice: CutoffNotice) -> CutoffRow:
        """A procedure as ``ordered`` found it, with what the list says of it."""
        return CutoffRow(notice, self.desk, self._protected_from)


class CutoffRow:
    """One procedure in the list; its days were annotated by ``CutoffList.ordered``."""

    def __init__(self, notice: Any, desk: Desk, protected_from: dt.date) -> None:
        self.notice, self.step = notice, CutoffStep(notice.state)
        self.href = desk.to("cutoffs:detail", notice.public_id)
        self.button = Button(_("看程序"), self.href)
        #: Whether a cut would need a new notice, a deferral having ended.
        self.again = self.step is CutoffStep.DEMANDED and notice.served_at is not None
        defers = allows(rules.check_deferrable, state=self.step, served_at=notice.served_at) and not self.again
        if defers and desk.may("cutoffs.defer"):
            self.button = Button(_("办暂缓"), desk.to("cutoffs:defer", notice.public_id))
        until = notice.deferred_until
        holds = self.step is CutoffStep.DEFERRED and until and until > protected_from
        #: The last day of a deferral that still protects.
        self.protected_until = until - DAY if holds else None
        #: By when cut water must run again.
        self.restore_by = instant(notice.restore_due_at) if self.step is CutoffStep.CUT else ""
        self.sensitive = sum(a["sensitive"] for a in notice.affected)

    @property
    def when(self) -> When:
        """What the procedure waits for, where that is no deferral."""
        n = self.notice
        if self.step is CutoffStep.NOTICED:
            return When(instant(n.not_before_at), _("最早可以停水"), "red")
        if self.step is CutoffStep.CUT:
            return When(instant(n.cut_at), _("停水至今"), "red")
        if self.step is CutoffStep.DEFERRED or self.again:
            return When(_("暂缓已结束"))
        return When(day(n.demanded_on), _("催缴送达")) if self.step is CutoffStep.DEMANDED else When("")

    @property
    def notes(self) -> list[Text]:
        n = self.notice
        notes: list[tuple[Text, bool]] = [
            (_("停水须重新书面通知"), self.again),
            (several("还有 %(n)s 项条件没达成") % {"n": n.open_conditions or 0}, bool(n.open_conditions)),
            (several("续过 %(n)s 次") % {"n": n.renewals or 0}, bool(n.renewals)),
        ]
        return [text for text, stands in notes if stands]


def _deferral_lines(d: Deferral) -> list[tuple[dt.datetime, Line]]:
    """Its beginning, conditions met, and how it ended by itself."""
    words = {"day": day(d.last_day), "n": d.renewals}
    text = _("续期到 %(day)s（第 %(n)s 次）") % words if d.renewals else _("暂缓停水到 %(day)s") % words
    lines = [(at_noon(d.from_on), Line(text, dots([day(d.from_on), d.decision])))]
    for c in d.conditions.all():
        if c.fulfilled_on and c.fulfilled_at:
            met = _("条件达成：%(what)s") % {"what": c.text or c.get_kind_display()}
            lines.append((c.fulfilled_at, Line(met, f"{day(c.fulfilled_on)} · {told(c.evidence)}", "green")))
    if d.lapsed_on and d.ended_at:
        lapsed = _("暂缓自动失效：%(why)s") % {"why": d.get_lapse_reason_display()}
        lines.append((d.ended_at, Line(lapsed, day(d.lapsed_on), "red")))
    return lines


def _consent_line(c: UtilityConsent) -> Line:
    text: Text = _("水务公司同意恢复供水")
    if c.until_on is not None:
        text = _("水务公司同意暂缓到 %(day)s") % {"day": day(c.until_on - DAY)}
    return Line(text, f"{day(c.said_on)} · {c.said_by} · {c.document}", "green")


class CutoffPage:
    """One procedure as its page needs it."""

    def __init__(self, notice: CutoffNotice, desk: Desk) -> None:
        self.notice, self.desk, self.today, self.step = notice, desk, desk.today, CutoffStep(notice.state)
        self.calendar, table = workday_calendar(notice.street_id), threshold_table(notice.street)
        self.terms = table.on(self.today)
        of = Q(street=notice.street_id, notice=notice)
        self.demands = list(Demand.objects.filter(of).order_by("delivered_on", "pk"))
        self.deferrals = list(queries.judgeable(Deferral.objects.filter(of)).order_by("-from_on", "-pk"))
        self.consents = list(UtilityConsent.objects.filter(of).order_by("-pk"))
        first = self.demands[0]
        #: The last day of the reasonable period after the first demand.
        self.term_ends_on = rules.term_ends_on(
            first.delivered_on, queries.term_of(table, first.delivered_on, first.recorded_at), self.calendar
        )
        self.flows = flows_of(notice.street, [notice.point.book_id], on=self.today).get(notice.point.book_id, [])
        #: What the utility is owed today, confirmed.
        self.payable_fen = payable_on(self.flows, self.today)
        self.affected = queries.affected_by(notice, on=self.today)
        self.sensitive = [a for a in self.affected if a.sensitive]
        #: When cut water must run again; None while nothing asks for it.
        self.restore_at = queries.restore_at(notice, on=self.today)
        self._running = running = next((d for d in self.deferrals if d.state == DeferralState.RUNNING), None)
        #: How the deferral in the books stands by the ledger; the next daily run writes down what has lapsed.
        at_hand: Any = {"calendar": self.calendar, "flows": {notice.point.book_id: self.flows}}
        found = queries.verdicts([running] if running else [], on=self.today, **at_hand)
        self.verdict = found[running.pk] if running else Verdict(None)
        last_day = queries.last_protected(running, self.calendar) if running else None
        #: The one that protects today, and for how many working days.
        self.deferral = running if last_day and last_day >= self.today else None
        self.days_left = rules.working_days_left(last_day + DAY, self.today, self.calendar) if last_day else 0
        #: A notice was served, but a deferral has ended since.
        self.spent = self.verdict.lapse is not None
        if self.step in RUNNING_STEPS - {CutoffStep.DEFERRED} and notice.served_at:
            ended = max((d.ended_at for d in self.deferrals if d.ended_at), default=None)
            self.spent = not rules.notice_stands(notice.served_at, ended)

    @property
    def conditions(self) -> list[queries.ConditionNow]:
        """The conditions of the deferral that protects today, the first due on top."""
        if self.deferral is None:
            return []
        return queries.conditions_now(self.deferral, self.verdict, on=self.today, calendar=self.calendar)

    @property
    def consent(self) -> UtilityConsent | None:
        """What the utility said to it."""
        return next((c for c in self.consents if self.deferral and c.deferral_id == self.deferral.pk), None)

    @property
    def chips(self) -> list[Chip]:
        """How it stands, whom it affects, what is owed, and the case."""
        n, to, count = self.notice, self.desk.to, len(self.affected)
        chips = [
            *self._standing,
            Chip(ngettext("影响 %(num)s 户", "影响 %(num)s 户", count) % {"num": count}, href="#affected"),
        ]
        if self.sensitive:
            hard = _("其中需重点保障 %(n)s 户") % {"n": len(self.sensitive)}
            chips.append(Chip(hard, "red", "alert-triangle", "#affected"))
        owed = _("欠水司 %(sum)s 元") % {"sum": yuan(self.payable_fen)}
        chips.append(Chip(owed, "", "coin", to("meters:detail", n.point.code)))
        if n.case:
            number = _("案 %(number)s") % {"number": n.case.number}
            chips.append(Chip(number, "", "stack-2", to("cases:detail", n.case.public_id)))
        return chips

    @property
    def _standing(self) -> list[Chip]:
        n, lapse = self.notice, self.verdict.lapse
        if lapse is not None:
            return [Chip(_("暂缓已经失效：%(why)s") % {"why": lapse.label}, "red", "alert-triangle")]
        if self.deferral:
            words = {"day": day(self.deferral.last_day), "n": self.days_left}
            return [Chip(several("暂缓停水到 %(day)s，剩 %(n)s 个工作日") % words, "amber", "hourglass")]
        if self.step is CutoffStep.NOTICED:
            return [Chip(_("最早 %(when)s 可以停水") % {"when": instant(n.not_before_at)}, "red", "droplet-off")]
        if self.step is CutoffStep.CUT:
            cut, by = Chip(_("%(when)s 起停水") % {"when": instant(n.cut_at)}, "red", "droplet-off"), self.restore_at
            if by is None:
                return [cut]
            late = ("red", "alert-triangle") if by < clock.now() else ("amber", "droplet")
            return [cut, Chip(_("应在 %(when)s 前恢复供水") % {"when": instant(by)}, *late)]
        if self.spent:
            return [Chip(_("暂缓已结束，停水须重新书面通知"), "amber", "alert-triangle")]
        return [Chip(n.get_state_display(), "green" if n.ended_at else "amber")]

    @cached_property
    def _steps_open(self) -> Set[CutoffStep]:
        """The steps people may take now, rights aside."""
        agreement = self._running.agreement if self._running else None
        covered = covered_fen(agreement, on=self.today) if agreement and self.payable_fen > 0 else None
        asks = self.payable_fen > 0 and (covered is not None or self.step is CutoffStep.DEMANDED)
        return rules.open_steps(
            self.step,
            lapsed=self.verdict.lapse is not None,
            term_ends_on=self.term_ends_on,
            today=self.today,
            served_at=self.notice.served_at,
            payable_fen=self.payable_fen,
            overdue_fen=overdue_fen(self.notice.point, on=self.today) if asks else 0,
            covered_fen=covered,
        )

    @cached_property
    def cut_refused(self) -> Refused | None:
        """Why water may not be cut now; None where it may."""
        now = clock.now()
        return refusal_of(rules.check_cut, **queries.cut_facts(self.notice, cut_at=now), at=now)

    @property
    def _consent_counts(self) -> bool:
        """Whether the utility's word would change something: it restores what is cut, or lets a deferral last."""
        if self.step is CutoffStep.CUT:
            restoring = self.restore_at is not None
            return allows(rules.check_agrees_to_restore, state=self.step, restoring=restoring)
        deferral = None if self.verdict.lapse else self.deferral
        agreement = queries.agreement_to_keep(deferral) if deferral else None
        if agreement is None:
            return False
        covered, overdue = covered_fen(agreement, on=self.today), overdue_fen(self.notice.point, on=self.today)
        return allows(rules.check_keeps, kept=False, covered_fen=covered, overdue_fen=overdue)

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now; filled is what the procedure waits for."""
        may, steps = self.desk.may, self._steps_open
        notifies, defers = may("cutoffs.notify"), may("cutoffs.defer")
        first, deferred = self.step is CutoffStep.DEMANDED, self.step is CutoffStep.DEFERRED
        serves, clears = CutoffStep.NOTICED in steps, CutoffStep.CLEARED in steps
        puts_off = defers and CutoffStep.DEFERRED in steps
        cuts = notifies and CutoffStep.CUT in steps and self.cut_refused is None
        consents = may("cutoffs.consent") and self._consent_counts
        notice = _("登记停水通知") if first else _("重新书面通知")
        rows = [
            (notifies and CutoffStep.WITHDRAWN in steps, pgettext_lazy("办", "撤回"), "withdraw", "", False),
            (notifies and CutoffStep.DEMANDED in steps, _("再催一次"), "demand", "send", not serves and not clears),
            (notifies and serves, notice, "notify", "file-text", first and not clears),
            (cuts, _("登记停水"), "cut", "droplet-off", False),
            (puts_off and not deferred, _("暂缓停水"), "defer", "hourglass", not clears and not self.spent),
            (puts_off and deferred, _("续期"), "renew", "hourglass", not clears),
            (consents, _("登记水务公司的同意"), "consent", "file-text", False),
            (defers and clears and deferred, _("解除暂缓"), "lift", "circle-check", True),
            (notifies and clears and not deferred, _("登记结清"), "clear", "circle-check", True),
            (notifies and CutoffStep.RESTORED in steps, _("登记恢复供水"), "restore", "droplet", True),
        ]
        return [Button(label, self._to(name), icon, main=main) for may, label, name, icon, main in rows if may]

    @property
    def papers(self) -> Issued:
        """What was issued in it, and what may be issued now, by the rules of the steps the papers go with."""
        steps, n = self._steps_open, self.notice
        rows = [
            (CutoffStep.DEMANDED in steps, _("出具催缴函"), "demand_letter", n.point.code, "send"),
            (CutoffStep.NOTICED in steps, _("出具停水通知"), "cutoff_notice", n.public_id, "file-text"),
            (self.deferral is not None, _("出具暂缓告知书"), "deferral_letter", n.public_id, "hourglass"),
        ]
        buttons = [
            Button(label, self.desk.to(f"papers:{name}", key), icon) for fits, label, name, key, icon in rows
            if fits and self.desk.may("papers.issue")
        ]  # fmt: skip
        return Issued(self.desk, n, ("notice",), buttons)

    def _to(self, name: str) -> str:
        return self.desk.to(f"cutoffs:{name}", self.notice.point.code if name == "demand" else self.notice.public_id)

    @property
    def steps(self) -> list[Step]:
        """The way of the law: demand, reasonable period, written notice, deferral, cut."""
        n, ends = self.notice, self.term_ends_on
        told = n.served_at is not None and not self.spent
        waited = self.today > ends
        sent = _("%(day)s 送达") % {"day": day(self.demands[0].delivered_on)}
        served: Text = _("%(when)s 送达") % {"when": instant(n.served_at)}
        if not told:
            served = _("须重新送达") if self.spent else _("期满以后")
        deferred: Text = _("已结束") if self.deferrals else _("按条件")
        if self.deferral:
            deferred = _("到 %(day)s") % {"day": day(self.deferral.last_day)}
        near = self.step in (CutoffStep.NOTICED, CutoffStep.CUT)
        last: Text = instant(n.ended_at or n.cut_at) or _("最后一步")
        if self.step is CutoffStep.NOTICED:
            last = _("不早于 %(when)s") % {"when": instant(n.not_before_at)}
        cut = near or self.step is CutoffStep.RESTORED or not n.ended_at
        return [
            Step.of(_("催缴"), sent, done=True),
            Step.of(_("合理期限"), _("到 %(day)s 满") % {"day": day(ends)}, done=waited or told, now=True),
            Step.of(_("停水通知"), served, done=told, now=waited and not n.ended_at),
            Step(_("暂缓"), "now" if self.deferral else "done" if self.deferrals else "next", deferred),
            Step.of(
                _("停水") if cut else n.get_state_display(), last,
                done=n.ended_at is not None, now=near and not self.deferral,
            ),
        ]  # fmt: skip

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What is to be minded now: text and tone."""
        if self.verdict.lapse is not None:
            lapsed = _(
                "这次暂缓已经失效（%(why)s），不再保护商户。每日核对会写下来；要停水须重新书面通知，满 %(hours)s 小时以后才可以。"
            )
            words = {"why": self.verdict.lapse.label, "hours": self.terms[ThresholdKind.NOTICE_HOURS]}
            return [(lapsed % words, "red")]
        early = self.step in (CutoffStep.DEMANDED, CutoffStep.NOTICED)
        if early and self.notice.served_at and self.cut_refused:
            return [(_("现在不能停水：%(why)s") % {"why": self.cut_refused.reason}, "amber")]
        if self.step is CutoffStep.CUT and not self.restore_at:
            hours = self.terms[ThresholdKind.RESTORE_HOURS]
            return [(_("催缴过的欠费缴清后 %(hours)s 小时内要恢复供水。") % {"hours": hours}, "water")]
        return []

    @property
    def groups(self) -> list[tuple[str, list[Affected]]]:
        """Whom it affects, the sensitive ones first, each group with its heading."""
        hard, others = self.sensitive, [a for a in self.affected if not a.sensitive]
        groups = [
            (_("需重点保障的 %(n)s 户") % {"n": len(hard)}, hard),
            (_("其他 %(n)s 户") % {"n": len(others)}, others),
        ]
        return [(title, some) for title, some in groups if some]

    def stands(self, row: queries.ConditionNow) -> tuple[Chip, str]:
        """How a condition stands, and how far the money has come."""
        if row.met_on:
            return Chip(_("%(day)s 达成") % {"day": day(row.met_on)}, "green", "circle-check"), ""
        if row.late:
            return Chip(_("没有达成"), "red", "alert-triangle"), ""
        if not row.by_ledger:
            return Chip(_("等证据"), "amber"), ""
        if row.kind is ConditionKind.PAYABLE_AT_MOST:
            return Chip(_("到期日看"), "amber"), _("现在欠 %(sum)s 元") % {"sum": yuan(self.payable_fen)}
        until = min(self.today, row.last_on) + DAY
        paid = paid_to_utility(self.flows, from_on=row.condition.deferral.from_on, until_on=until)
        return Chip(_("等到账"), "amber"), _("已到账 %(sum)s 元") % {"sum": yuan(paid)}

    def may_fulfil(self, row: queries.ConditionNow) -> bool:
        """Whether this person may say that it was met."""
        return rules.may_fulfil(row.kind, met=row.met_on is not None, late=row.late) and self.desk.may("cutoffs.watch")

    @property
    def history(self) -> list[Line]:
        """What happened in this procedure, the latest first; what is still to come stands on top, dashed."""
        n = self.notice
        told: list[tuple[dt.datetime | None, Line]] = [
            (
                start_of(d.delivered_on),
                Line(
                    _("催缴逾期的 %(sum)s 元") % {"sum": yuan(d.overdue_fen)},
                    f"{day(d.delivered_on)} · {d.get_how_display()} · {d.proof}",
                ),
            )
            for d in self.demands
        ]
        served = dots([instant(n.served_at), n.get_served_how_display(), n.served_proof, n.filing])
        told.append((n.served_at, Line(_("停水通知书面送达"), served)))
        for d in self.deferrals:
            told += _deferral_lines(d)
        told += [(c.recorded_at, _consent_line(c)) for c in self.consents]
        told += [
            (at, Line(text, instant(at), "red")) for at, text in ((n.cut_at, _("停水")), (n.restored_at, _("恢复供水")))
        ]
        if not n.restored_at:
            told.append((n.ended_at, Line(n.get_state_display(), instant(n.ended_at), "green")))
        happened = [(at, line) for at, line in told if at]
        lines = [line for _at, line in sorted(happened, key=lambda row: row[0], reverse=True)]
        if self.deferral:
            lines.insert(0, Line(_("暂缓的最后一天"), day(self.deferral.last_day), "next"))
        return lines
