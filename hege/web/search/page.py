"""One box for everything a street calls by a number or a name: each kind of thing asked once, within one's own scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hege.cases.queries import cases_of
from hege.metering.models import Meter
from hege.places.models import Tenancy
from hege.web.access import Desk
from hege.web.jinja import daylong, mask_phone
from hege.web.links import where
from hege.web.shared.scope import points_of, units_of, with_words

LONGEST, SHOWN = 40, 20
#: The last four digits of a telephone, the way people remember a number they must not write down.
LAST_FOUR = re.compile(r"\d{4}\Z", re.ASCII)


class Hit(NamedTuple):
    """One thing found."""

    kind: str
    icon: str
    title: str
    note: str
    href: str


def clean(typed: str) -> str:
    """What is searched for: trimmed, not longer than any name, without signs no name has."""
    return "".join(sign for sign in typed if sign.isprintable()).strip()[:LONGEST]


def find(desk: Desk, words: str) -> list[Hit]:
    """Cases by number or title, meters by number, shops by code, name or tenant, people by their last four digits."""
    looks = (("cases.see", _cases), ("meters.see", _meters), ("units.see", _shops), ("units.see", _phones))
    return [hit for right, look in looks if words and desk.may(right) for hit in look(desk, words)]


def _cases(desk: Desk, words: str) -> Iterator[Hit]:
    rows = cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    for case in rows.filter(Q(number__icontains=words) | Q(title__icontains=words))[:SHOWN]:
        note = f"{case.number} · {case.get_state_display()}"
        yield Hit(
            pgettext("一件", "案件"),
            "stack-2",
            case.title,
            note,
            where("cases:detail", desk.street.code, case.public_id),
        )


def _meters(desk: Desk, words: str) -> Iterator[Hit]:
    code, points = desk.street.code, points_of(desk)
    found = points.filter(Q(code__icontains=words) | Q(name__icontains=words))
    for point in found[:SHOWN]:
        yield Hit(_("总表"), "droplet", point.name, point.code, where("meters:detail", code, point.code))
    meters = Meter.objects.filter(street=desk.street, point__in=points, number__icontains=words)
    for meter in meters.exclude(point__in=found).select_related("point", "unit").order_by("number")[:SHOWN]:
        note = _("在 %(meter)s 后面") % {"meter": meter.point.name}
        yield Hit(
            str(meter.get_kind_display()), "droplet", meter.number, note, where("meters:detail", code, meter.point.code)
        )


def _shops(desk: Desk, words: str) -> Iterator[Hit]:
    code = desk.street.code
    for unit in with_words(units_of(desk), words)[:SHOWN]:
        note = " · ".join(part for part in (unit.code, unit.tenant, unit.point_name) if part)
        href = where("units:detail", code, unit.code)
        if unit.point_code and desk.may("meters.see"):
            href = where("meters:shop", code, unit.point_code, unit.code)
        yield Hit(_("商铺"), "building", unit.name, note, href)


def _phones(desk: Desk, words: str) -> Iterator[Hit]:
    if not LAST_FOUR.match(words):
        return
    units = units_of(desk)
    rows = Tenancy.objects.filter(street=desk.street, unit__in=units.values("pk"), party__phone__endswith=words)
    for tenancy in rows.select_related("unit", "party").order_by("unit__code", "-from_on")[:SHOWN]:
        party = tenancy.party
        title = f"{party.name if party else ''} {mask_phone(party.phone) if party else ''}"
        note = f"{tenancy.unit.name} {tenancy.unit.code} · {_('%(day)s 入驻') % {'day': daylong(tenancy.from_on)}}"
        yield Hit(_("电话后四位"), "phone", title, note, where("units:detail", desk.street.code, tenancy.unit.code))
