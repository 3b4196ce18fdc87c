"""What became of what I reported, and reporting: a picture, a place, sent (随手报)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hege.attachments.preparing import Prepared
from hege.attachments.rules import Purpose
from hege.kernel import clock
from hege.places.models import Place
from hege.places.queries import places_within
from hege.programme.deeds.actions import report_deed
from hege.programme.deeds.queries import Mine, deeds_of, last_place, near_cases, the_deed
from hege.programme.deeds.rules import LONGEST_TEXT, LONGEST_WHERE, MOST_PICTURES, DeedStep, PointsStep, check_weight
from hege.web.action_page import sent_with_files
from hege.web.bearers import Rider, of_member, rider_of
from hege.web.files import FilesField, takes_files
from hege.web.forms import Form, long_text
from hege.web.marks import Button
from hege.web.member.part import Part
from hege.web.pages import form_page, or_404, page, refusals_to

MOST_SHOWN, MOST_NEAR = 3, 3
MOST_LISTED = 50

#: Why points are where they are, for whoever made the report.
WHY = {
    PointsStep.WAITING: _("积分每周和别人的一起入账，一轮至少 3 个人，谁也看不出是哪件。不够 3 个人，都等下一轮。"),
    PointsStep.CAPPED: _("这天或这一季的积分到了上限，这一件不计分，谢谢您。"),
    PointsStep.TO_TAKE_BACK: _("再去看时不是这样。这一件的积分随后面的一轮收回。"),
    PointsStep.TAKEN_BACK: _("再去看时不是这样，这一件的积分已随后面的一轮收回。"),
}


class Track:
    """One report with its three stops."""

    def __init__(self, mine: Mine) -> None:
        self.mine = mine
        self.refused = mine.step is DeedStep.REFUSED
        at = [DeedStep.RECEIVED, DeedStep.VERIFIED, DeedStep.DONE]
        place = 0 if self.refused else at.index(mine.step)
        last = mine.step is DeedStep.DONE
        self.stops = [
            (step.label, "did" if n < place or last else "at" if n == place else "", mine.points_step.label if n == 1 else "")
            for n, step in enumerate(at)
        ]  # fmt: skip
        self.shows_points = mine.points_step is not PointsStep.NONE
        self.why = WHY.get(mine.points_step, "")


def deeds_part(rider: Rider) -> Part:
    """The last reports; one query."""
    tracks = [Track(mine) for mine in deeds_of(rider.member, most=MOST_SHOWN)]
    button = Button(_("随手报"), rider.to("member:report"), "camera")
    return Part("member/deeds_part.html", {"tracks": tracks, "rider": rider}, button)


@of_member
@require_safe
def deeds(request: HttpRequest, rider: Rider) -> HttpResponse:
    """All I reported, and how far it has come."""
    tracks = [Track(mine) for mine in deeds_of(rider.member, most=MOST_LISTED)]
    return page(request, "member/deeds.html", {"rider": rider, "tracks": tracks})


class RiderPhotos(FilesField):
    """Up to three pictures, each of at most 8 MB."""

    most = MOST_PICTURES

    def look(self, upload: Any) -> Prepared:
        """Looked at, unless it is too heavy."""
        check_weight(upload.name or "", upload.size or 0)
        return super().look(upload)


class ReportForm(Form):
    """A picture first; where; a few words if one likes."""

    photos = RiderPhotos(
        label=_("照片"), help_text=_("拍东西，别拍人脸和车牌。时间、机型、位置收到时就去掉。"), purpose=Purpose.PHOTO
    )
    place = forms.ModelChoiceField(label=_("在哪一片"), queryset=Place.objects.none(), empty_label=None)
    where = forms.CharField(
        label=_("哪里"), required=False, max_length=LONGEST_WHERE, help_text=_("例如：样例路，3 号门东侧")
    )
    text = long_text(_("是什么"), _("例如：门口台阶结冰，刚有人滑了一下。"), most=LONGEST_TEXT, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, rider: Rider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(place=places_within(rider.street))


def _admits(request: HttpRequest, street_code: str) -> bool:
    """Whether a member's browser sends it."""
    return rider_of(request, street_code) is not None


@takes_files(ReportForm, _admits)
@of_member
def report(request: HttpRequest, rider: Rider) -> HttpResponse:
    """Report something. The first time round, what is known there already is shown, and nothing is done."""
    form = ReportForm(*sent_with_files(request), rider=rider, initial={"place": last_place(rider.member)})
    near = None
    if request.method == "POST" and form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        near = [] if form.cleaned_data["seen"] else near_cases(said["place"], most=MOST_NEAR)
        if not near:
            with refusals_to(form):
                made = report_deed(rider.member, **said, by=None, at=clock.now())
                return redirect(rider.to("member:reported", made.public_id))
    return form_page(request, "member/report.html", {"rider": rider, "form": form, "near": near}, form)


@of_member
@require_safe
def reported(request: HttpRequest, rider: Rider, deed_id: str) -> HttpResponse:
    """That it has come, and what happens next."""
    return page(request, "member/reported.html", {"rider": rider, "deed": or_404(the_deed(rider.member, deed_id))})
