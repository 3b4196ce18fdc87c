"""代收人的说法: what an agent says waits here until somebody of the street has looked at it; only then the book knows of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.billing.actions import PaymentDraft
from hege.billing.agent.actions import leave_word, take_word, tell_as_agent
from hege.billing.agent.queries import agent_words
from hege.billing.agent.rules import BOOKS, AgentWordKind
from hege.billing.models import AgentWord
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint
from hege.metering.queries import role_holder
from hege.metering.rules import PointRoleKind
from hege.people.models import Party
from hege.web.access import Desk, View, opens
from hege.web.action_page import Act, Text, perform, sent_with_files, verb
from hege.web.agent import forms
from hege.web.agent.page import WordPage
from hege.web.files import bringing, takes_files
from hege.web.meters.book_views import transaction_or_404
from hege.web.meters.shop_views import check_another
from hege.web.pages import or_404, page, part
from hege.web.shared.kept_files import files_shown
from hege.web.shared.scope import point_or_404, points_of

KEPT = _("已记下，等街道看。看过以前，账上的数不变。")


@opens("agent.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What agents said of the meters one sees, what waits first."""
    shown = part(request, agent_words(desk.street, points_of(desk, "agent.see")))
    return page(request, "agent/index.html", {"page": shown, "rows": [WordPage(w, desk) for w in shown.object_list]})


def word_or_404(desk: Desk, word_id: str, right: str = "agent.see") -> AgentWord:
    """One of them, by its public id, where this person sees its meter for a right."""
    rows = agent_words(desk.street, points_of(desk, right)).select_related("street__trail_head", "point__book")
    word: AgentWord = or_404(rows.filter(public_id=word_id).first())
    return word


@opens("agent.see")
def detail(request: HttpRequest, desk: Desk, word_id: str) -> HttpResponse:
    """One of them: what was said with its pictures, and what became of it."""
    word = word_or_404(desk, word_id)
    files = files_shown(desk, "agent_words", [word.pk])[word.pk]
    return page(request, "agent/detail.html", {"w": WordPage(word, desk), "files": files})


def _agent_of(desk: Desk, point: SupplyPoint) -> Party:
    """Whom the person speaks for at a meter: its agent today."""
    return or_404(role_holder(point, PointRoleKind.AGENT, on=desk.today))


def _act(desk: Desk, title: Text, lead: Text) -> Act:
    return Act(title, KEPT, [(_("代收人的说法"), desk.to("agent:index"))], lead, _("记下来"))


def _of_money(form: type[forms.RemittedForm], title: Text) -> View:
    """The view in which an agent tells of money that is not booked."""

    @takes_files(form)
    @opens("agent.say")
    def view(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
        point = point_or_404(desk, code, "agent.say")
        filled = form(*sent_with_files(request), thing=point, desk=desk, initial={"on": desk.today})

        def tell(*, told: Any, tenancy: Any = None, by: Any, at: Any) -> AgentWord:
            return tell_as_agent(point, told, agent=_agent_of(desk, point), tenancy=tenancy, by=by, at=at)

        lead = _("%(meter)s。这是您的说法，街道看过以后才记到账上，注明是单方说的。") % {"meter": point.name}
        return perform(request, _act(desk, title, lead), filled, bringing(tell))

    return view


def _of_line(form: type[forms.TellsForm], title: Text) -> View:
    """The view in which an agent says what to make of a booked line."""

    @takes_files(form)
    @opens("agent.say")
    def view(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
        point = point_or_404(desk, code, "agent.say")
        line = transaction_or_404(point, transaction_id)

        def tell(*, told: Any, by: Any, at: Any) -> AgentWord:
            return tell_as_agent(point, told, agent=_agent_of(desk, point), transaction=line, by=by, at=at)

        lead = _("这是您的说法，街道看过以后才写到这一笔旁边。")
        return perform(request, _act(desk, title, lead), form(*sent_with_files(request)), bringing(tell))

    return view


collected = _of_money(forms.CollectedForm, _("记一笔收的"))
remitted = _of_money(forms.RemittedForm, _("记一笔交的"))
confirm = _of_line(forms.ConfirmForm, _("认这一笔"))
deny = _of_line(forms.DenyForm, _("不认这一笔"))
explain = _of_line(forms.ExplainForm, _("说明这一笔"))


def _deciding(word: AgentWord, desk: Desk, title: Text, done: Any, **more: Any) -> Act:
    here = desk.to("agent:detail", word.public_id)
    return Act(title, done, [(_("代收人的说法"), desk.to("agent:index")), (word.agent.name, here)], **more)


def _looked(word: AgentWord, desk: Desk) -> Any:
    return WordPage(word, desk).facts


def _to_decide(desk: Desk, word_id: str) -> AgentWord:
    return word_or_404(desk, word_id, "agent.decide")


def _take(word: AgentWord, *, another: bool, note: str, by: Any, at: Any) -> AgentWord:
    """Take it up, unless it may be a payment that stands already."""
    kind = AgentWordKind(word.kind)
    if kind in BOOKS and not another:
        if word.on is None or word.amount_fen is None:
            raise Refused(_("请写明情况或理由。"))
        check_another(
            PaymentDraft(
                BOOKS[kind][0], word.point, word.on, word.amount_fen, confirmed=False, tenancy=word.tenancy,
                agent=word.agent, voucher=word.voucher,
            ), word.street,
        )  # fmt: skip
    return take_word(word, note=note, by=by, at=at)


take = verb(
    _deciding, _to_decide, "agent.decide", _take, forms.TakeForm, _("采用"), _("已采用，账上写明是单方说的。"), looks=_looked,
    lead=_("采用以后，收的、交的按“单方主张”入账，不算进总数；认或者不认，写成这一笔旁边的证据。有独立证据时再到那一笔补上。"),
)  # fmt: skip
leave = verb(
    _deciding, _to_decide, "agent.decide", leave_word, forms.LeaveForm, _("不采用"), _("已记下，理由代收人看得到。"),
    looks=_looked, lead=_("账上什么也不变，他的话和照片都留着。"),
)  # fmt: skip
