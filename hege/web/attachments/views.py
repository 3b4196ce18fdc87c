"""Files that are kept, handed out to who may see what they are about: pictures of ours to be seen, all else to be saved."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from hege.attachments.actions import cover as put_bars
from hege.attachments.actions import look_at_original
from hege.attachments.models import Attachment
from hege.attachments.queries import the_file
from hege.web.access import Desk, View, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.attachments.forms import CoverForm, LookForm
from hege.web.pages import or_404
from hege.web.shared.kept_files import OWNER_OF, Owner, handed_out, shown
from hege.web.shared.looking import check_look, look_ticket

SALT = "hege.web.attachments.original"


def file_or_404(desk: Desk, kept_id: str, owner: Owner | None = None) -> Attachment:
    """A file of something this person sees, and of this sort of thing where one is given; 404 otherwise, also of one that is
    covered by another."""
    file = or_404(the_file(desk.street, kept_id))
    its = or_404(OWNER_OF.get(file.about))
    return or_404(file if owner in (None, its) and desk.may(its.verb) and its.sees(desk, file.about_id) else None)


def serving(owner: Owner) -> View:
    """The view of the files about one sort of thing."""

    @opens(owner.verb)
    def file(request: HttpRequest, desk: Desk, kept_id: str) -> HttpResponse:
        """The file itself."""
        found = file_or_404(desk, kept_id, owner)
        return handed_out(found.sha256, found.media_type, found.name, shown=found.is_picture)

    return file


def serving_small(owner: Owner) -> View:
    """The view of the small pictures about one sort of thing."""

    @opens(owner.verb)
    def small(request: HttpRequest, desk: Desk, kept_id: str) -> HttpResponse:
        """A small picture of it."""
        found = file_or_404(desk, kept_id, owner)
        or_404(found.small_sha256 or None)
        return handed_out(found.small_sha256, found.media_type, found.name, shown=True)

    return small


@opens("pictures.look")
def original(request: HttpRequest, desk: Desk, kept_id: str) -> HttpResponse:
    """Say why one has to see a picture as it came; the look is put on the trail before anything is handed out."""
    file = file_or_404(desk, kept_id)
    or_404(file.original_sha256 or None)

    def onward(_looked: object) -> str:
        return desk.to("attachments:shown_original", file.public_id, look_ticket(file, desk, salt=SALT))

    lead = _("原件可能带有拍摄的地点、时间和设备。写明理由才能看，看一次留痕一次。")
    act = picture_act(file, desk, _("查看照片原件"), "", lead, button=_("留痕并查看"), onward=onward)
    return perform(request, act, LookForm(sent(request)), look_at_original, file)


@opens("pictures.see")
def shown_original(request: HttpRequest, desk: Desk, kept_id: str, ticket: str) -> HttpResponse:
    """The picture as it came, for some minutes after the look was put on the trail, to the one who looked alone."""
    file = file_or_404(desk, kept_id)
    check_look(ticket, file, desk, salt=SALT)
    return handed_out(file.original_sha256, "application/octet-stream", f"{file.name}.original", shown=False)


@opens("pictures.cover")
def cover(request: HttpRequest, desk: Desk, kept_id: str) -> HttpResponse:
    """Draw black bars over what is nobody's business; the picture as it was is shown no more."""
    file = file_or_404(desk, kept_id)
    lead = _("盖住身份证号、银行卡号、别人的脸这些不该看的。盖住以后谁也看不到下面，原来那张不再显示。")
    act = picture_act(
        file, desk, _("照片打码"), _("已打码，原来那张不再显示。"), lead, button=_("盖住这些地方"), danger=True
    )
    picture = shown(desk, file)
    return perform(
        request, act, CoverForm(sent(request)), put_bars, file, template="attachments/cover.html", picture=picture
    )


def picture_act(file: Attachment, desk: Desk, title: Text, done: Text, lead: Text, **more: Any) -> Act:
    """The page of one verb of a picture; it leads back to where it is seen."""
    owner = OWNER_OF[file.about]
    return Act(title, done, [(file.name, desk.to(*owner.at(file.street, file.about_id)))], lead, **more)
