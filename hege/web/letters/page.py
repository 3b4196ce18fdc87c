"""What anybody is told of a letter of thanks or a certificate of hours: first whether it is real."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.members.rules import shown_number
from hege.people.models import Street
from hege.programme.thanks.models import ServiceCertificate, Thanks
from hege.programme.thanks.publishing import address_of
from hege.programme.thanks.queries import Shown
from hege.programme.thanks.rules import OPEN_TO_OBJECTION, ThanksState, named_in_public
from hege.web.jinja import daylong
from hege.web.shared.served import facts_said, hours_said


class Answer(NamedTuple):
    """Is it real: in one line, its colour and icon, and what to do."""

    text: str
    tone: str
    icon: str
    note: str


class LetterPage:
    """Thanks by the id in their code: whether they are real, what they say, whom they thank by number."""

    def __init__(self, found: Shown, *, on: dt.date) -> None:
        self.found, self.thanks, self.on = found, found.thanks, on

    @property
    def street(self) -> Street:
        street: Street = self.thanks.street
        return street

    @property
    def answer(self) -> Answer:
        if self.thanks.state == ThanksState.GIVEN:
            return Answer(_("是真的，现在有效"), "is-green", "shield-check", "")
        if self.thanks.state == ThanksState.REVOKED:
            return Answer(_("已撤回，不再有效"), "is-red", "ban", _("手里的纸请交回，或作废。"))
        return Answer(_("还在公示，没有送达"), "", "hourglass", _("现在还没有这样一封信，请等公示期满。"))

    @property
    def kind(self) -> str:
        return str(self.thanks.get_kind_display())

    @property
    def to(self) -> str:
        """Whom it thanks; by name only where they agreed."""
        member = self.thanks.member
        number = _("成员 %(number)s") % {"number": shown_number(member.number)}
        return named_in_public(number=number, called=member.called, agreed=self.found.named)

    @property
    def is_named(self) -> bool:
        return self.found.named and bool(self.thanks.member.called)

    @property
    def given_on(self) -> dt.date | None:
        return self.thanks.given_at and day_of(self.thanks.given_at)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands on the page: no counts, which the letter alone has."""
        ended = self.found.step(ThanksState.REVOKED)
        shown = self.found.step(ThanksState.IN_PUBLICITY)
        rows = [
            (_("是什么"), self.kind),
            (_("谁发的"), self.street.name),
            (_("发给谁"), self.to if self.is_named else _("%(who)s（本人没有同意公开称呼）") % {"who": self.to}),
            (_("哪一季"), self.thanks.season.name),
            (_("公示"), self._publicity(day_of(shown.at)) if shown else ""),
            (_("哪天送的"), daylong(self.given_on) if self.given_on else ""),
            (_("哪天撤的"), daylong(ended.at) if ended else ""),
            (_("为什么"), ended.words if ended else ""),
            (_("性质"), _("致谢，不属评比达标表彰")),
        ]
        return [(name, said) for name, said in rows if said]

    def _publicity(self, since: dt.date) -> str:
        last = self.thanks.last_shown_on
        return _("%(since)s 到 %(last)s") % {"since": daylong(since), "last": daylong(last) if last else ""}

    @cached_property
    def printed_facts(self) -> list[tuple[str, str]]:
        """Of what it rests on, what there is."""
        said = zip(self.thanks.facts, facts_said(self.thanks.facts), strict=True)
        return [pair for n, pair in said if n]

    @property
    def publicity(self) -> str:
        shown = self.found.step(ThanksState.IN_PUBLICITY)
        return self._publicity(day_of(shown.at)) if shown else ""

    @property
    def is_signed(self) -> bool:
        return self.thanks.state == ThanksState.GIVEN

    @property
    def may_object(self) -> bool:
        return self.thanks.state in OPEN_TO_OBJECTION

    @property
    def address(self) -> str:
        return address_of(self.thanks)


class CertificatePage:
    """A certificate of hours by the id in its code: the minutes it was printed with, and for which days."""

    def __init__(self, certificate: ServiceCertificate) -> None:
        self.certificate = certificate

    @property
    def street(self) -> Street:
        street: Street = self.certificate.street
        return street

    @property
    def hours(self) -> str:
        """Its sum as people say it."""
        return hours_said(self.certificate.minutes)

    @property
    def days(self) -> str:
        since, last = self.certificate.from_on, self.certificate.until_on - DAY
        return _("%(since)s 到 %(last)s") % {"since": daylong(since), "last": daylong(last)}

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Each activity: its day, what it was called, its minutes as people say them."""
        return [
            (daylong(dt.date.fromisoformat(on)), title, hours_said(minutes))
            for on, title, minutes in self.certificate.lines
        ]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands on the page for everybody: no name."""
        return [
            (_("是什么"), _("志愿服务记录证明")),
            (_("谁出具的"), self.street.name),
            (_("证明谁"), _("成员 %(number)s") % {"number": shown_number(self.certificate.member.number)}),
            (_("哪些天"), self.days),
            (_("服务时长"), self.hours),
            (_("哪天出具"), daylong(self.certificate.at)),
        ]

    @property
    def address(self) -> str:
        return address_of(self.certificate)


def shown_thanks_said(thanks: Thanks, *, named: bool) -> str:
    """Whom thanks in publicity are to, in a list for everybody."""
    number = _("成员 %(number)s") % {"number": shown_number(thanks.member.number)}
    return named_in_public(number=number, called=thanks.member.called, agreed=named)
