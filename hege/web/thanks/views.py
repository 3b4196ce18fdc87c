"""致谢 for who works on it: the list, proposing, one of them, each step it takes, objections."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hege.members.models import Member
from hege.members.queries import the_member
from hege.programme.seasons.queries import seasons_until
from hege.programme.thanks import actions, queries
from hege.programme.thanks.models import Thanks
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent, verb
from hege.web.activities.forms import NumberForm
from hege.web.pages import form_page, or_404, page, part
from hege.web.shared.served import facts_said
from hege.web.thanks import forms
from hege.web.thanks.page import ThanksList, ThanksPage, looked_at

HERE = _("致谢")


def thanks_or_404(desk: Desk, thanks_id: str) -> Thanks:
    """Thanks of this street."""
    return or_404(queries.the_thanks(desk.street, thanks_id))


def member_or_404(desk: Desk, rider_id: str) -> Member:
    """A member of this street."""
    return or_404(the_member(desk.street, rider_id))


def _act(thanks: Thanks, desk: Desk, title: Any, done: Any, **more: Any) -> Act:
    """The page of one verb of it."""
    crumbs: list[tuple[Any, str]] = [
        (HERE, desk.to("thanks:index")),
        (thanks.title, desk.to("thanks:detail", thanks.public_id)),
    ]
    return Act(title, done, crumbs, **more)


@opens("thanks.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is under way, the oldest first; what was given and what is over by tab."""
    found = ThanksList(desk, request.GET.get("show", ""))
    shown = part(request, queries.thanks_of(desk.street, *found.states))
    return page(request, "thanks/index.html", {"list": found, "part": shown, "rows": found.rows(list(shown))})


@opens("thanks.see")
def detail(request: HttpRequest, desk: Desk, thanks_id: str) -> HttpResponse:
    """One of them: on what it rests, what it says, how far it is, what was said against it."""
    return page(request, "thanks/detail.html", {"t": ThanksPage(thanks_or_404(desk, thanks_id), desk)})


@opens("thanks.propose")
def find_member(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whom to thank: by the number on their card."""
    form = NumberForm(sent(request), desk=desk)
    if form.is_bound and form.is_valid():
        return redirect(desk.to("thanks:propose", form.said["member"].public_id))
    act = Act(_("提出致谢"), "", [(HERE, desk.to("thanks:index"))], _("先找到要感谢的人。"), button=_("下一步"))
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("thanks.propose")
def propose(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """What a member is thanked for: the facts of each season, and the words."""
    member = member_or_404(desk, rider_id)
    seasons = seasons_until(desk.street, desk.today)

    def onward(made: Thanks) -> str:
        return desk.to("thanks:detail", made.public_id)

    crumbs = [(HERE, desk.to("thanks:index"))]
    act = Act(_("提出致谢"), _("已提出，等另一个人复核。"), crumbs, button=_("提出"), onward=onward)
    form = forms.ProposeForm(sent(request))
    form.offer(season=seasons)
    told = [(season, facts_said(queries.facts_of(member, season))) for season in seasons]
    context = {"member": member, "told": told}
    return perform(request, act, form, actions.propose_thanks, member, template="thanks/propose.html", **context)


thanks_verb = partial(verb, _act, thanks_or_404)
review = thanks_verb(
    "thanks.review", actions.review_thanks, forms.ReviewForm, _("复核"), _("已复核，可以公示。"),
    lead=_("请对一对件数、时长，看看话里有没有写出哪一件、哪一天、哪个地方。"), looks=looked_at,
)  # fmt: skip
show = thanks_verb(
    "thanks.give", actions.show_thanks, forms.ShowForm, _("开始公示"), _("公示已经开始，期满没有异议就可以送达。"),
    lead=_("公示期间谁都可以提异议。没有同意公开称呼的，只写成员编号。"), looks=looked_at,
)  # fmt: skip
give = thanks_verb(
    "thanks.give", actions.give_thanks, forms.PressForm, _("送达"), _("已编号并签名，可以打印送去。"),
    lead=_("送达以后谁扫码都能看到它是不是真的。这是致谢，不是评比表彰。"), looks=looked_at,
)  # fmt: skip
revoke = thanks_verb(
    "thanks.give",
    actions.revoke_thanks,
    forms.ReasonForm,
    pgettext_lazy("办", "撤回"),
    _("已撤回，理由一直看得到，签名也已作废。"),
    danger=True,
)
drop = thanks_verb(
    "thanks.give", actions.drop_thanks, forms.ReasonForm, _("不再办这份"), _("已写明不再办的理由。"), danger=True,
)  # fmt: skip


@opens("thanks.give")
def decide_objection(request: HttpRequest, desk: Desk, said_id: str) -> HttpResponse:
    """Say what becomes of an objection."""
    objection = or_404(queries.the_objection(desk.street, said_id))
    act = _act(objection.thanks, desk, _("处理异议"), _("已处理，理由留在办理记录里。"), lead=objection.words)
    return perform(request, act, forms.DecisionForm(sent(request)), actions.decide_thanks_objection, objection)
