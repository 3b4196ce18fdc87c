"""The streets of all databases of a site (分库): where this browser is signed in, and where one may sign in.

Who works in two databases has an account in each. Nothing says so anywhere but in that person's own browser, which holds a
sign-in of each; a telephone that both accounts name is shown to join them, and is asked of nobody who is not signed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.kernel import clock
from hege.kernel.shards import within
from hege.outbox.queries import wish_of
from hege.people.models import Street, User
from hege.people.queries import streets_of
from hege.web.access import public
from hege.web.links import onward
from hege.web.pages import page
from hege.web.sessions import SessionStore
from hege.web.shards import ASKED, cookie_of


@dataclass
class Shard:
    """One database as who looks at the page may know it: its streets; of who is signed in there, also their own."""

    name: str
    streets: list[Street] = field(default_factory=list)
    away: bool = False
    user: User | None = None
    own: list[Street] = field(default_factory=list)
    phone: str = ""
    joined: bool = False  #: an account with the same telephone is signed in in another

    wanted: str = ""  #: the page somebody was on the way to, which names no street

    @property
    def called(self) -> str:
        """Its streets; of one that is away only the name is known."""
        return _("、").join(street.name for street in self.streets) or self.name

    @property
    def onward(self) -> str:
        """That page, of this database."""
        return (
            f"{self.wanted}{'&' if '?' in self.wanted else '?'}{urlencode({ASKED: self.name})}" if self.wanted else ""
        )

    @property
    def wish(self) -> str:
        """Where one's telephone stands in this database."""
        return f"{reverse('account:wish')}?{urlencode({ASKED: self.name})}"

    @property
    def sign_in(self) -> str:
        """Where one signs in there, and comes back from."""
        return f"{reverse('account:sign_in')}?{urlencode({ASKED: self.name, 'next': self.back})}"

    @property
    def back(self) -> str:
        """This page again, as of this database."""
        return f"{reverse('account:everywhere')}?{urlencode({ASKED: self.name})}"


def _looked_at(request: HttpRequest, name: str) -> Shard:
    found = Shard(name, wanted=onward(request.GET.get("next", ""), ""))
    try:
        with within(name):
            found.streets = list(Street.objects.order_by("code"))
            found.user = _signed_in(request, name)
            if found.user is not None:
                found.own = list(streets_of(found.user, on=clock.today()))
                wish = wish_of(found.user)
                found.phone = wish.phone if wish else ""
    except DatabaseError:
        found.away = True
    return found


def _signed_in(request: HttpRequest, name: str) -> User | None:
    """Who this browser is signed in as there."""
    asks = HttpRequest()
    asks.session = SessionStore(request.COOKIES.get(cookie_of(settings.SESSION_COOKIE_NAME, name)))
    user = auth.get_user(asks)
    return user if isinstance(user, User) else None


@public("says which streets the site serves, and of a person's own ones only to their own sign-in in each database")
@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """Choose a street of any database; where one is not signed in, sign in there."""
    if not settings.SHARDS:
        return redirect("account:home")
    shards = [_looked_at(request, name) for name in settings.SHARDS]
    phones = [shard.phone for shard in shards if shard.phone]
    for shard in shards:
        shard.joined = phones.count(shard.phone) > 1
    entered = [shard for shard in shards if shard.user]
    apart = [shard for shard in entered if not shard.joined] if len(entered) > 1 else []
    return page(request, "account/everywhere.html", {"shards": shards, "apart": apart})
