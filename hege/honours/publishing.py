"""What is signed of an honour: that a street reports it, and says from what; and the addresses at which that stands.

Whoever reads a badge elsewhere looks these up, so they never change: ``web.roll`` serves them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Container
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from hege.credentials.badges import Achievement, identity, make_badge
from hege.credentials.issuers import issuer_of
from hege.credentials.queries import signed, verdict_on
from hege.credentials.rules import Verdict
from hege.credentials.status import status_entry, status_list
from hege.honours.models import Badge, Honour, HonourStep
from hege.honours.queries import Entry, revoked_places
from hege.honours.rules import HonourKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import start_of
from hege.people.models import Street

#: What Open Badges 3.0 calls the sorts of honours.
_SORTS = {HonourKind.PRODUCT_CERTIFICATE: "Certification", HonourKind.LICENCE: "License"}
_CODES = {18: "ext:uscc", 9: "ext:organisation_code"}


def address_of(honour: Honour) -> str:
    """Where anybody verifies an honour (核验页); it is in the printed code."""
    return f"{settings.SITE}/h/{honour.public_id}/"


def status_address(street: Street, number: int) -> str:
    """Where a street's status list of a number stands."""
    return f"{settings.SITE}/h/issuer/{street.code}/status/{number}/"


def badge_of(street: Street, said: Entry, *, checked: HonourStep | None, place: int, at: dt.datetime) -> dict[str, Any]:
    """What is to be signed of a version, in the language of the office: the honour is another's, the report is ours.

    ``checked``: the step of the second person, whose words say from what. Holds to the end of the last day as printed.
    """
    version, firm, address = said.version, said.honour.firm, address_of(said.honour)
    with override(settings.LANGUAGE_CODE):
        lines = "；".join(filter(None, [str(item) for item in said.items]))
        giver = version.body.name if version.body else _("未写明")
        source = " ".join(
            filter(
                None, [version.source, version.source_page, version.source_on.isoformat() if version.source_on else ""]
            )
        )
        criteria = _(
            "本条只转述他人授予的荣誉，本身不授予任何荣誉。颁发单位：%(giver)s。出处：%(source)s。核对：%(checked)s。"
            "号码写法对得上，不等于证书存在，请向颁发单位查证。"
        ) % {"giver": giver, "source": source, "checked": checked.words if checked else _("未写明")}
        what = _("%(firm)s 荣获“%(title)s”") % {"firm": firm.name, "title": version.title}
    identities = [identity(firm.name, "name")]
    if firm.code:
        identities.append(identity(firm.code, _CODES[len(firm.code)]))
    achievement = Achievement(
        id=f"{address}#honour", name=version.title, description=f"{what}（{lines}）" if lines else what,
        criteria=criteria, kind=_SORTS.get(HonourKind(version.kind), "Award"),
    )  # fmt: skip
    return make_badge(
        address=f"{address}#{version.number}", issuer=issuer_of(street), achievement=achievement, identities=identities,
        valid_from=at, valid_until=start_of(version.expires_on + DAY) if version.expires_on else None,
        status=status_entry(place, url=partial(status_address, street)),
    )  # fmt: skip


def signed_status_list(street: Street, number: int, *, at: dt.datetime) -> dict[str, Any]:
    """Which of a street's badges were taken back, as it stands at an instant: signed when it is asked for, kept nowhere."""
    listed = status_list(
        number, revoked_places(street), url=status_address(street, number), issuer=issuer_of(street), at=at
    )
    return signed(listed, street=street, at=at)


def verdict_of(badge: Badge, *, at: dt.datetime, revoked: Container[int]) -> Verdict:
    """What a signed badge is worth at an instant, by signature, key, term and status list; ``revoked``: ``revoked_places``."""
    said = json.loads(badge.signed)
    places = {said["credentialStatus"]["id"]} if badge.place in revoked else set()
    return verdict_on(said, street=badge.street, at=at, revoked=places)
