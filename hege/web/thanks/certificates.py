"""Certificates of a member's hours (志愿服务记录证明), made from scans and printed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hege.programme.thanks.actions import certify_hours
from hege.programme.thanks.models import ServiceCertificate
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.thanks.forms import CertifyForm
from hege.web.thanks.views import HERE, member_or_404


@opens("thanks.certify")
def certify(request: HttpRequest, desk: Desk, rider_id: str) -> HttpResponse:
    """Certify what scans showed of a member between two days."""
    member = member_or_404(desk, rider_id)

    def onward(made: ServiceCertificate) -> str:
        return reverse("letters:print", args=(made.public_id,))

    act = Act(
        _("出具志愿服务记录证明"), _("已出具，可以打印。"), [(HERE, desk.to("thanks:index"))],
        _("只写扫码记下的时长，和手工补录、两个人核过的。免费，本人要几次出具几次。"), button=_("出具"), onward=onward,
    )  # fmt: skip
    return perform(request, act, CertifyForm(sent(request)), certify_hours, member)
