"""What is signed of thanks: that a street thanks one of its members; and the addresses at which that stands."""

from __future__ import annotations

import datetime as dt
import secrets
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from hege.credentials.badges import Achievement, identity, make_badge
from hege.credentials.issuers import issuer_of
from hege.credentials.queries import signed
from hege.credentials.status import status_entry, status_list
from hege.people.models import Street
from hege.programme.thanks.models import ServiceCertificate, Thanks
from hege.programme.thanks.queries import revoked_places


def address_of(given: Thanks | ServiceCertificate) -> str:
    """Where anybody sees whether it is real (校验页); it is in the printed code."""
    return f"{settings.SITE}/k/{given.public_id}/"


def status_address(street: Street, number: int) -> str:
    """Where a street's status list of thanks stands."""
    return f"{settings.SITE}/k/status/{street.code}/{number}/"


def badge_of(thanks: Thanks, *, place: int, at: dt.datetime) -> dict[str, Any]:
    """What is to be signed, in the language of the office. The member stands in it by a salted hash of their number."""
    street, address = thanks.street, address_of(thanks)
    with override(settings.LANGUAGE_CODE):
        kind = thanks.get_kind_display()
        criteria = _(
            "这是%(kind)s：街道向成员致谢，没有奖金，不评级，不排名，不属评比达标表彰项目。只写件数和时长，不写哪一件、哪一天。"
        ) % {"kind": kind}
        what = _("%(street)s在“%(season)s”向一位成员致谢：%(title)s") % {
            "street": street.name, "season": thanks.season.name, "title": thanks.title,
        }  # fmt: skip
    achievement = Achievement(
        id=f"{address}#thanks", name=f"{kind}：{thanks.title}", description=what, criteria=criteria, kind="Achievement"
    )
    who = identity(f"{street.code}-{thanks.member.shown_number}", "ext:member_number", salt=secrets.token_hex(8))
    return make_badge(
        address=address, issuer=issuer_of(street), achievement=achievement, identities=[who], valid_from=at,
        status=status_entry(place, url=partial(status_address, street)),
    )  # fmt: skip


def signed_status_list(street: Street, number: int, *, at: dt.datetime) -> dict[str, Any]:
    """Which thanks of a street were taken back, as it stands at an instant: signed when it is asked for, kept nowhere."""
    listed = status_list(
        number, revoked_places(street), url=status_address(street, number), issuer=issuer_of(street), at=at
    )
    return signed(listed, street=street, at=at)
