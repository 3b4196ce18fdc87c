"""What the pages of 能量券 show the office: batches with what is left of stock and budget, one batch with its holders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.vouchers import queries
from hege.vouchers.models import Batch, Claim, Merchant
from hege.vouchers.queries import Figures
from hege.vouchers.rules import (
    BatchState,
    ClaimState,
    check_amendable,
    check_approval,
    check_close,
    check_held,
    worth_said,
)
from hege.vouchers.sentences import when_said
from hege.web.access import Desk
from hege.web.jinja import day, dots, instant
from hege.web.marks import Bar, Button, Chip, Piece, StateList, Text, state

#: The colour of each state of a claim.
TONES: Mapping[ClaimState, str] = {
    ClaimState.HELD: "water",
    ClaimState.NOT_YET: "water",
    ClaimState.REDEEMED: "green",
    ClaimState.WITHDRAWN: "amber",
    ClaimState.CLOSED: "red",
}


class BatchRow:
    """A batch as a page shows it."""

    def __init__(self, batch: Batch, shops: Sequence[Merchant], figures: Figures, desk: Desk) -> None:
        self.batch, self.shops, self.figures, self.desk = batch, shops, figures, desk
        self.href = desk.to("vouchers:detail", batch.public_id)

    @property
    def worth(self) -> str:
        return worth_said(self.batch.terms)

    @property
    def note(self) -> str:
        return dots([self.worth, _("、").join(shop.name for shop in self.shops)])

    @property
    def chip(self) -> Chip:
        return state(self.batch)

    @property
    def stock(self) -> Bar:
        """Of the vouchers there are: used, held, ended unused; what nobody has claimed stays white."""
        ended = self.figures.ended - self.figures.given_back
        return Bar(
            self.batch.stock,
            (
                Piece(self.figures.used, _("已用"), "full"),
                Piece(self.figures.held, _("在手里"), "held"),
                Piece(ended, _("没用就结束"), "over"),
            ),
        )

    @property
    def money(self) -> Bar:
        """Of the budget, in fen: what vouchers that were used come to, and what those that are held may."""
        used = min(self.figures.used * self.batch.cost_fen + self.figures.paid_beside_fen, self.batch.committed_fen)
        promised = self.batch.committed_fen - used
        return Bar(self.batch.budget_fen, (Piece(used, _("已用"), "full"), Piece(promised, _("已承诺"), "held")))

    @property
    def claiming(self) -> str:
        return _("%(at)s 起领") % {"at": instant(self.batch.releases_at)}

    @property
    def using(self) -> str:
        return _("用到 %(day)s") % {"day": day(self.batch.use_until_on - DAY)}

    @property
    def button(self) -> Button:
        """The one thing to do in the list."""
        found = [button for button in self.buttons if button.main]
        return found[0] if found else Button(_("看"), self.href)

    @property
    def buttons(self) -> list[Button]:
        batch, now = self.batch, BatchState(self.batch.state)
        asked = (
            ("vouchers.approve", "vouchers:approve", _("批准"), "check", self.may_approve),
            ("vouchers.make", "vouchers:amend", _("改草稿"), "pencil", allows(check_amendable, state=now)),
            ("vouchers.approve", "vouchers:close", _("提前结束"), "", allows(check_close, state=now)),
        )
        return [
            Button(label, self.desk.to(name, batch.public_id), icon, main=name == "vouchers:approve")
            for right, name, label, icon, fits in asked
            if fits and self.desk.may(right)
        ]

    @property
    def may_approve(self) -> bool:
        batch = self.batch
        return allows(
            check_approval, state=BatchState(batch.state), made_by=batch.made_by_id, by=self.desk.user.pk,
            claim_until_at=batch.claim_until_at, at=clock.now(),
        )  # fmt: skip


def instant_to_second(at: dt.datetime) -> str:
    """As people write it, with the second where it has one: a batch is released at a set second."""
    return f"{instant(at, year=True)}{at::%S}" if at.second else instant(at, year=True)


class BatchList(StateList):
    """The batches of a street in tabs: what is given out first."""

    here = "vouchers:index"
    TABS: ClassVar[Mapping[str, Any]] = {
        "": (gettext_lazy("发放中"), (BatchState.APPROVED,)),
        "drafts": (gettext_lazy("待批准"), (BatchState.DRAFT,)),
        "over": (gettext_lazy("已结束"), (BatchState.CLOSED,)),
    }

    def __init__(self, desk: Desk, tab: str) -> None:
        super().__init__(desk, tab, queries.batches_of(desk.street))

    def rows_of(self, batches: Sequence[Batch]) -> list[BatchRow]:
        """One part of the list; what stands behind its rows is asked for all of them at once."""
        shops, figures = queries.shops_of(batches), queries.figures_of(batches)
        return [BatchRow(batch, shops[batch.pk], figures[batch.pk], self.desk) for batch in batches]

    @cached_property
    def lead(self) -> str:
        waiting = self.counts["drafts"]
        return _("%(n)d 批等着批准。") % {"n": waiting} if waiting else _("没有等着批准的。")


class Holder(NamedTuple):
    """A claim in the list of holders: whose, how it stands, and the button to take it back."""

    claim: Claim
    chip: Chip
    note: str
    button: Button | None


class BatchPage(BatchRow):
    """One batch with its terms and who holds one."""

    def __init__(self, batch: Batch, desk: Desk) -> None:
        super().__init__(batch, queries.shops_of([batch])[batch.pk], queries.figures_of([batch])[batch.pk], desk)

    @property
    def facts(self) -> list[tuple[Text, Any]]:
        batch = self.batch
        made = dots([batch.made_by.full_name if batch.made_by else _("系统"), day(day_of(batch.made_at))])
        approved = (
            [batch.approved_by.full_name, day(day_of(batch.approved_at))]
            if batch.approved_by and batch.approved_at
            else []
        )
        return [
            (_("怎么优惠"), dots([self.worth, batch.words])),
            (_("领取"), _("%(since)s 到 %(until)s") % {
                "since": instant_to_second(batch.releases_at), "until": instant_to_second(batch.claim_until_at)
            }),
            (_("使用"), dots([
                _("%(since)s 到 %(until)s") % {"since": day(batch.use_from_on), "until": day(batch.use_until_on - DAY)},
                when_said(batch.weekdays, batch.hours),
            ])),
            (_("每人最多"), _("%(n)d 张") % {"n": batch.per_member}),
            (_("积分"), _("一张 %(n)d 分") % {"n": batch.point_price} if batch.point_price else None),
            (_("收券的店"), _("、").join(shop.name for shop in self.shops)),
            (_("付钱的单位"), batch.payer.name),
            (_("一张付给商户"), _("%(yuan)s 元") % {"yuan": yuan(batch.cost_fen)}),
            (_("谁做的"), made),
            (_("谁批准的"), dots(approved) or None),
            (_("提前结束的理由"), batch.closed_reason or None),
        ]  # fmt: skip

    @property
    def looked_at(self) -> list[tuple[Text, Any]]:
        """What a second person looks at before they approve it."""
        return [
            (_("给什么"), self.batch.title),
            (_("一共几张"), self.batch.stock),
            (_("总预算"), _("%(yuan)s 元") % {"yuan": yuan(self.batch.budget_fen)}),
            *self.facts,
        ]

    @property
    def may_see_holders(self) -> bool:
        """Whose a voucher is is told to who may see members."""
        return self.desk.may("members.see")

    def holders(self, claims: Sequence[Claim]) -> list[Holder]:
        """One part of the list of who has claimed one."""
        used = queries.uses_of(claims)
        return [self._holder(claim, used) for claim in claims]

    def _holder(self, claim: Claim, used: Mapping[int, Any]) -> Holder:
        use = used.get(claim.pk)
        now = queries.state_of(claim, used=use is not None, on=self.desk.today)
        note = dots([day(day_of(use.used_at)), use.merchant.name]) if use else ""
        held = allows(check_held, state=now) and self.desk.may("vouchers.approve")
        href = self.desk.to("vouchers:withdraw", claim.public_id)
        return Holder(claim, Chip(now.label, TONES.get(now, "")), note, Button(_("收回这张"), href) if held else None)
