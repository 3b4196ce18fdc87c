"""荣誉榜 for who works on it: the list, one honour, each step it takes, objections."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.honours import actions, queries
from hege.honours.models import Honour, Objection
from hege.people.models import Membership, Role
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent, verb
from hege.web.honours import forms
from hege.web.honours.page import HonourList, HonourPage
from hege.web.pages import or_404, page, part
from hege.web.shared.looking import check_look, look_ticket

SALT = "hege.web.honours.objector"


def honour_or_404(desk: Desk, honour_id: str) -> Honour:
    """An honour of this street."""
    return or_404(queries.the_honour(desk.street, honour_id))


def _act(honour: Honour, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    """The page of one verb of an honour."""
    here = honour.firm.name, desk.to("honours:detail", honour.public_id)
    return Act(title, done, [(_("荣誉榜"), desk.to("honours:index")), here], **more)


@opens("honours.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The honours under way, the oldest first; those on the roll and those that are over by tab."""
    found = HonourList(desk, request.GET.get("show", ""))
    shown = part(request, found.ordered)
    context = {
        "list": found,
        "part": shown,
        "rows": found.rows(list(shown)),
        "objections": queries.open_objections(desk.street),
    }
    return page(request, "honours/index.html", context)


@opens("honours.see")
def detail(request: HttpRequest, desk: Desk, honour_id: str) -> HttpResponse:
    """One honour: what it says, what can be said of its numbers, its steps, its papers, objections."""
    return page(request, "honours/detail.html", {"h": HonourPage(honour_or_404(desk, honour_id), desk)})


@opens("honours.take_in")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take one honour in by hand."""

    def onward(made: list[Honour]) -> str:
        return desk.to("honours:detail", made[0].public_id)

    lead = _("从报纸上成批录入用“读荣誉榜”，从表格录入用“导入”。录入的要由另一个人核对。")
    act = Act(
        _("录入一项荣誉"),
        _("已存成草稿，等另一个人核对。"),
        [(_("荣誉榜"), desk.to("honours:index"))],
        lead,
        onward=onward,
    )
    form = forms.DraftForm(sent(request))
    return perform(request, act, form, actions.draft_honours, desk.street, template="honours/form.html")


@opens("honours.take_in")
def correct(request: HttpRequest, desk: Desk, honour_id: str) -> HttpResponse:
    """Say it otherwise: a new version, checked anew."""
    honour = honour_or_404(desk, honour_id)
    fields, items = forms.as_said(queries.history_of(honour).now)
    form = forms.CorrectForm(sent(request), thing=honour, initial=fields, items=items)
    act = _act(honour, desk, _("更正"), _("已更正，等另一个人核对；原来的一版还看得到。"))
    return perform(request, act, form, actions.correct_honour, honour, template="honours/form.html")


def looked_at(honour: Honour, desk: Desk) -> list[tuple[str, object]]:
    """What of it the second person looks at."""
    return HonourPage(honour, desk).looked_at


honour_verb = partial(verb, _act, honour_or_404)
check = honour_verb(
    "honours.check", actions.check_honour, forms.CheckForm, _("核对"), _("已核对，可以开始公示。"),
    lead=_("您是第二个人：看过证书就写看了哪份，没有看到就写只看了出处。公开页会照样写出来。"),
    looks=looked_at,
)  # fmt: skip
show = honour_verb(
    "honours.publish", actions.begin_publicity, forms.PublicityForm, _("开始公示"), _("公示已经开始，期满没有异议就可以上榜。"),
    lead=_("公示期间谁都可以在核验页上提异议，提的人不公开。"),
    looks=looked_at,
)  # fmt: skip
publish = honour_verb(
    "honours.publish", actions.publish_honour, forms.PressForm, _("上榜"), _("已上榜，并已签名。"),
    lead=_("上榜以后任何人扫码都能看到核对了什么、谁在哪天看过、哪些判断不了。荣誉是别人给的，这里只是转述。"),
    looks=looked_at,
)  # fmt: skip
withdraw = honour_verb(
    "honours.publish", actions.withdraw_honour, forms.WithdrawForm, _("撤下"), _("已撤下，理由一直看得到，签名也已作废。"),
    danger=True,
)  # fmt: skip
drop = honour_verb("honours.publish", actions.drop_honour, forms.DropForm, _("不予采用"), _("已写明不予采用。"))


def _objection(desk: Desk, objection_id: str) -> Objection:
    return or_404(queries.the_objection(desk.street, objection_id))


def _objection_act(objection: Objection, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    return _act(objection.honour, desk, title, done, **more)


@opens("honours.publish")
def decide_objection(request: HttpRequest, desk: Desk, objection_id: str) -> HttpResponse:
    """Say what becomes of an objection."""
    objection = _objection(desk, objection_id)
    act = _objection_act(objection, desk, _("处理异议"), _("已处理；理由会公开，提的人不会。"))
    form = forms.DecisionForm(sent(request))
    return perform(
        request, act, form, actions.decide_objection, objection, template="honours/objection.html", objection=objection
    )


@opens("honours.publish")
def ask_objector(request: HttpRequest, desk: Desk, objection_id: str) -> HttpResponse:
    """Say why one has to know who objected; the look is put on the trail before anything is shown."""
    objection = _objection(desk, objection_id)

    def onward(_looked: object) -> str:
        return desk.to("honours:shown_objector", objection.public_id, look_ticket(objection, desk, salt=SALT))

    act = _objection_act(objection, desk, _("查看异议人"), "", button=_("留痕并查看"), onward=onward)
    look_up = partial(actions.look_up_objector, member=_coordinator(desk))
    return perform(request, act, forms.LookForm(sent(request)), look_up, objection)


@opens("honours.publish")
def objector(request: HttpRequest, desk: Desk, objection_id: str, ticket: str) -> HttpResponse:
    """Who it was, for some minutes after the look was put on the trail, to the one who looked alone."""
    objection = _objection(desk, objection_id)
    check_look(ticket, objection, desk, salt=SALT)
    act = _objection_act(objection, desk, _("异议人"), "")
    found = queries.objector_of(objection, for_member=_coordinator(desk))
    response = page(request, "honours/objector.html", {"act": act, "found": found})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _coordinator(desk: Desk) -> Membership:
    """The post by which this person may know."""
    return next(m for m in desk.memberships if m.role == Role.COORDINATOR)
