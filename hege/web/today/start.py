"""What a new street still lacks: five steps for its administrator, each read from what is there."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.billing.queries import standing_bills
from hege.metering.models import Connection
from hege.people.models import Membership, Role, Street
from hege.trail.models import TrailLine
from hege.web.access import Desk


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, why, whether it is done, and the verb that leads there."""

    label: str
    note: str
    done: bool
    verb: str = ""
    href: str = ""


def steps_of(desk: Desk) -> list[Step]:
    """The five steps, for an administrator of the whole of a street that lacks one of them; else none. One query."""
    if not (desk.may("people.grant") and desk.may("imports.run")):
        return []
    street = desk.street
    mine = {"street": OuterRef("pk")}
    has = Street.objects.filter(code=street.code).values_list(
        Exists(Membership.objects.filter(**mine).exclude(role=Role.ADMINISTRATOR)),
        Exists(Connection.objects.filter(**mine)),
        Exists(standing_bills(street)),
        Exists(TrailLine.objects.filter(**mine, verb="hang_posters")),
    )
    people, roster, bill, posters = has.get()
    imports = reverse("imports:index", args=(street.code,))
    steps = [
        Step(_("建街道"), _("%(name)s，代码 %(code)s。") % {"name": street.name, "code": street.code}, done=True),
        Step(
            _("请人进来"), _("至少一名召集人；再加网格员、核查员、调解员和部门经办人。"), people, _("新增人员"),
            reverse("people:new", args=(street.code,)),
        ),
        Step(_("导入总表和商铺名册"), _("先总表，再商铺；每种表都有模板。"), roster, _("去导入"), imports),
        Step(_("导入第一张水费账单"), _("分到各户以后，就看得出钱在谁手里。"), bill, _("去导入"), imports),
        Step(
            _("张贴二维码"), _("打印出来贴在各家店里，再回到打印页点“已经贴好”。"), posters, _("去打印"),
            reverse("units:index", args=(street.code,)),
        ),
    ]  # fmt: skip
    return [] if all(step.done for step in steps) else steps
