"""Forms of 人员与岗位."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel.periods import not_over
from hege.people.models import Party, Role
from hege.places.models import Place, PlaceLevel
from hege.places.queries import places_within
from hege.web.access import Desk
from hege.web.cases.forms import parties_for
from hege.web.forms import DayField, Form
from hege.web.shared.grid import PlaceField

#: What each role is for, in the words of the street; who may do what exactly is ``hege.web.access.MAY``.
ROLE_SAYS: dict[Role, str | Promise] = {
    Role.COORDINATOR: _("派遣案件、召集会议、记账、暂缓停水、结案"),
    Role.GRID_WORKER: _("核实来件、走访商户、抄表"),
    Role.CLERK: _("代表一个单位签收和答复任务"),
    Role.CHECKER: _("核查办得怎样；不办案"),
    Role.MEDIATOR: _("主持调解、签协议"),
    Role.AGENT: _("只看自己代收的总表"),
    Role.AUDITOR: _("什么都能看，什么都不办；核对留痕"),
    Role.LEADER: _("只看合计：每月一页纸，没有店名、人名"),
    Role.ADMINISTRATOR: _("开账号、授岗位、管参数；不办案、不记账"),
}


class RoleForm(Form):
    """Which role, for whom, where, from when."""

    role = forms.TypedChoiceField(label=_("岗位"), coerce=Role, widget=forms.RadioSelect)
    party = forms.ModelChoiceField(
        label=_("代表谁"),
        queryset=Party.objects.none(),
        required=False,
        empty_label=_("不代表哪个单位"),
        help_text=_("部门经办人和代收人必须选。没有列出的，先到底账的“单位”里登记；代收的个人随总表名册导入。"),
    )
    place = PlaceField(
        label=_("管哪一片"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_("整个街道"),
        help_text=_("只看得到、办得了这一片的事。"),
    )
    from_on = DayField(label=_("从哪天起"))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = desk.paths("people.grant")
        places = places_within(desk.street, parts).filter(not_over(desk.today)).exclude(level=PlaceLevel.STREET)
        roles = [(r.value, _("%(role)s：%(says)s") % {"role": r.label, "says": ROLE_SAYS[r]}) for r in Role]
        self.offer(role=roles, party=parties_for(desk), place=places)
        if "" not in parts:  # who looks after a part of the street grants within it
            place = self.fields["place"]
            assert isinstance(place, PlaceField)
            place.required, place.empty_label = True, None


class AskedRoleForm(RoleForm):
    """A role, and why: what a second person is to agree to."""

    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("例如：新调来。写进操作留痕，以后改不了。"))


class PersonForm(AskedRoleForm):
    """Somebody new."""

    full_name = forms.CharField(label=_("姓名"), max_length=60)
    username = forms.CharField(
        label=_("登录名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("小写字母、数字、点或短横，例如 wangli01。定了就不能改。"),
    )
    field_order = ("full_name", "username", "role", "party", "place", "from_on", "reason")


class EndForm(Form):
    """From which day somebody holds a role no more, and why."""

    until_on = DayField(label=_("从哪天起不再担任"), help_text=_("这一天起他就不能再以这个岗位办事。"))
    reason = forms.CharField(
        label=_("理由"), max_length=300, help_text=_("例如：调离、换届、合同到期。写进操作留痕，以后改不了。")
    )


class ReasonForm(Form):
    """Why somebody's sign-in is locked or opened again, or the password made anew."""

    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("写进操作留痕，以后改不了。"))
