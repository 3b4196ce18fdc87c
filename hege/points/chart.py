"""The charts of a street's two books (积分、荣誉时长科目表): points, which are spent and end, and minutes, which only grow."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.ledger.rules import REVERSAL, Chart, Owner, Ref


class AccountKind(TextChoices):
    """The accounts of both books (科目)."""

    POINTS = "member_points", _("成员积分")
    ISSUED = "points_issued", _("发放的积分")
    SPENT = "points_spent", _("用掉的积分")
    EXPIRED = "points_expired", _("到期的积分")
    MINUTES = "member_minutes", _("成员荣誉时长")
    SERVED = "minutes_served", _("登记的荣誉时长")


class EntryKind(TextChoices):
    """What can happen to points and minutes (记录)."""

    EARN = "earn", _("获得积分")
    SPEND = "spend", _("使用积分")
    EXPIRE = "expire", _("积分到期")
    MINUTES = "minutes", _("荣誉时长")
    REVERSAL = REVERSAL, _("冲正")


A, K = AccountKind, EntryKind

#: A round takes back as well as it gives: what was un-verified afterwards goes along with what others earn.
POINTS = Chart(
    name="points",
    pairs={
        K.EARN: frozenset({(A.POINTS, A.ISSUED), (A.ISSUED, A.POINTS)}),
        K.SPEND: frozenset({(A.SPENT, A.POINTS)}),
        K.EXPIRE: frozenset({(A.EXPIRED, A.POINTS)}),
    },
    needs_evidence=frozenset(),
    owners={A.POINTS: Owner.MEMBER},
)
MINUTES = Chart(
    name="minutes",
    pairs={K.MINUTES: frozenset({(A.MINUTES, A.SERVED)})},
    needs_evidence=frozenset(),
    owners={A.MINUTES: Owner.MEMBER},
)


def points_of(member_id: int) -> Ref:
    """The account of a member's points."""
    return Ref(A.POINTS, member_id=member_id)


def minutes_of(member_id: int) -> Ref:
    """The account of a member's honour minutes."""
    return Ref(A.MINUTES, member_id=member_id)
