"""The one place that says who may do what (权限表).

A *verb* is ``thing.act``. Each thing has a row ``thing.see``; every other row of it is something to do.

* Who may not **see** a thing gets a 404: the page does not tell that it exists.
* Who may see but not **do** gets a refusal in words that names the roles who may. So does who holds the role for a
  part of the grid, where the thing is of the whole street (``WHOLE_STREET``).

Every view says who may open it with one of these markers, and nothing else lets anybody in::

    @opens("cases.see")                      # /<street_code>/…: street, roles and scope are checked here
    def detail(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse: ...

    @opens("cases.close")                    # a form: GET shows it, POST does it; both need the verb
    def close(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse: ...

    @signed_in                               # a page of the person's own, outside any street
    @public("a shop keeper has only the code on the poster")      # no sign-in; the reason is compulsory

Who is no user and bears a cookie that is no sign-in is let in by the markers of ``hege.web.bearers``.
The marker is kept on the view as ``view.opening`` (an ``Opening``), from which the role × route test is
generated. A ``.see`` page answers GET only; the others answer GET and POST (``require_POST`` narrows).

What a person sees *within* a street is ``desk.paths`` (parts of the grid tree, empty string = all of it)
and, for those who act for one party only (代收人, 经办人), ``desk.party_ids``. Queries take both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Membership, Role, Street, User
from hege.people.queries import roles_of
from hege.web.asked_for import AskedFor
from hege.web.drafts import keep_what_was_sent
from hege.web.links import where
from hege.web.sessions import say_why_to_sign_in
from hege.web.signed_in import posts_here

P = ParamSpec("P")
View = Callable[..., HttpResponse]

#: Everybody's own page, where the password is changed.
OWN_PAGE = "account:me"
#: Where a second factor is set up; every page of it is called so from its beginning.
FACTORS_PAGE, FACTOR_PAGES = "account:factors", "account:factor"
#: What a session says when its person has proven more than the password: by what.
PROVEN = "second_factor"

CO, GRID, CLERK, CHECK = Role.COORDINATOR, Role.GRID_WORKER, Role.CLERK, Role.CHECKER
MED, AGENT, AUDIT, ADMIN = Role.MEDIATOR, Role.AGENT, Role.AUDITOR, Role.ADMINISTRATOR
LEAD = Role.LEADER

#: Verb -> the roles it is open to. The order of rows is the order of work; keep it readable.
MAY: Mapping[str, frozenset[Role]] = {
    verb: frozenset(roles)
    for verb, roles in {
        # 今天: everybody's first page
        "today.see": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN, LEAD},
        # 一页纸: sums of the whole street without a name; all that a leader sees
        "month.see": {LEAD, CO, AUDIT},
        # 消息: everybody's own
        "messages.see": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN, LEAD},
        "messages.read": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN, LEAD},
        # 下载表格: of each list what its own right lets one see
        "lists.see": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN},
        "lists.save": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN},
        "lists.take": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN},
        "search.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        # 来件
        "reports.see": {CO, GRID, CLERK, CHECK, AUDIT},
        "reports.file": {CO, GRID, CLERK},
        "reports.verify": {CO, GRID},
        "reports.link": {CO, GRID},
        # 案件: nobody checks or closes their own handling; that part is a rule of ``cases``
        "cases.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        "cases.open": {CO, GRID},
        "cases.dispatch": {CO},
        "cases.handle": {CO, GRID, CLERK},
        "cases.check": {CHECK},
        "cases.close": {CO},
        "cases.revisit": {CO, CHECK, GRID},
        "cases.ask": {CO, GRID},
        "cases.note": {CO, GRID, CLERK, CHECK, MED},
        "cases.follow": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        # 联席会议
        "conferences.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        "conferences.call": {CO},
        "conferences.minute": {CO},
        "conferences.keep_promise": {CO, CLERK},
        "conferences.confirm": {CO, CHECK},
        # 调解与协议
        "mediation.see": {CO, CHECK, MED, AUDIT},
        "mediation.open": {CO, MED},
        "mediation.mediate": {MED},
        # the agreement itself is also the debtor's: an agent sees their own, never the notes of the sessions
        "agreements.see": {CO, CHECK, MED, AUDIT, AGENT},
        # 总表台账
        "meters.see": {CO, GRID, CLERK, CHECK, MED, AGENT, AUDIT, ADMIN},
        "meters.read": {GRID, CO},
        "meters.visit": {GRID, CO},
        "meters.book": {CO},
        "meters.share": {CO},
        "meters.register": {CO, ADMIN},
        "meters.export": {CO, AUDIT, ADMIN},
        # 代收人的说法: said by the agent, looked at by somebody else (``billing.agent.rules``); never more than one side's word
        "agent.see": {CO, GRID, CLERK, CHECK, AGENT, AUDIT, ADMIN},
        "agent.say": {AGENT},
        "agent.decide": {CO, CLERK},
        # 照片和文书: each is seen by the right to what it is about; beyond that
        "pictures.see": {CO, AUDIT},
        "pictures.look": {CO, AUDIT},
        "pictures.cover": {CO},
        # 预警与停水程序
        "warnings.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        "warnings.acknowledge": {CO},
        "cutoffs.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        "cutoffs.notify": {CO},
        "cutoffs.defer": {CO},
        # what the utility has written: recorded from its paper, never said in its place
        "cutoffs.consent": {CO, CLERK},
        "cutoffs.watch": {CO, GRID},
        # 文书: statements are drawn by who goes round; what speaks for the office is the coordinator's
        "papers.see": {CO, GRID, CLERK, CHECK, MED, AUDIT, ADMIN},
        "papers.state": {CO, GRID, CLERK},
        "papers.issue": {CO},
        "papers.void": {CO},
        # 荣誉榜: taking in and checking is a clerk's, publishing a coordinator's, never of one's own draft (``honours.rules``)
        "honours.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "honours.take_in": {CLERK},
        "honours.check": {CLERK, CHECK},
        "honours.publish": {CO},
        "honours.rule": {CO, ADMIN},
        # 致谢: reviewed and given by another than who proposed (``programme.thanks.rules``)
        "thanks.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "thanks.propose": {CO, CLERK},
        "thanks.review": {CO, CLERK, CHECK},
        "thanks.give": {CO},
        "thanks.certify": {CO, CLERK},
        # 成员: couriers, riders and drivers; in no part of the grid
        "members.see": {CO, CLERK, AUDIT, ADMIN},
        "members.join": {CO, CLERK},
        "members.appoint": {CO},
        "points.see": {CO, CLERK, AUDIT, ADMIN},
        "points.set": {CO},
        # 暖蜂行动: stations, and the sheets for gates, which grid workers go and look at
        "stations.see": {CO, GRID, CLERK, CHECK, AUDIT, ADMIN},
        "stations.change": {CO, GRID},
        # 全年计划: planned by one, published by another (``programme.seasons.rules``)
        "programme.see": {CO, CLERK, GRID, CHECK, AUDIT, ADMIN},
        "programme.plan": {CO, CLERK},
        "programme.publish": {CO},
        # 一季的数字: of the whole street; taken out by who has 后台任务
        "figures.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "figures.export": {CO, AUDIT, ADMIN},
        # 活动与签到: who came is of the whole street; an entry by hand is never agreed to by who made it (a rule)
        "activities.see": {CO, CLERK, GRID, AUDIT, ADMIN},
        "activities.run": {CO, CLERK, GRID},
        "activities.lift": {CO},
        # 能量券: made by one, approved by another (``vouchers.rules``)
        "vouchers.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "vouchers.make": {CO, CLERK},
        "vouchers.approve": {CO},
        # 收券台: shops and their tills; deciding over money is a coordinator's
        "tills.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "tills.run": {CO, CLERK},
        "tills.decide": {CO},
        # 结算: who writes a payment down shows the bank's serial number, which counts once
        "settlements.see": {CO, CLERK, AUDIT, ADMIN},
        "settlements.freeze": {CO, CLERK},
        "settlements.pay": {CO, CLERK},
        "settlements.export": {CO, AUDIT, ADMIN},
        # 底账
        "units.see": {CO, GRID, CHECK, MED, AUDIT, ADMIN},
        "units.register": {CO, ADMIN},
        "units.print_codes": {CO, GRID, ADMIN},
        "units.renew_code": {CO, ADMIN},
        "places.see": {CO, GRID, AUDIT, ADMIN},
        "places.change": {CO, ADMIN},
        "imports.see": {CO, AUDIT, ADMIN},
        "imports.run": {CO, ADMIN},
        "people.see": {CO, AUDIT, ADMIN},
        "people.grant": {ADMIN},
        "offices.see": {CO, AUDIT, ADMIN},
        "offices.add": {CO, ADMIN},
        # 联盟单位: of the whole street, and so is whoever changes it
        "alliance.see": {CO, CLERK, CHECK, AUDIT, ADMIN},
        "alliance.change": {CO},
        "settings.see": {CO, AUDIT, ADMIN},
        "settings.change": {ADMIN},
        # the utility's account: entered by one, checked by another (``billing.payee.rules``)
        "settings.pay_to": {CO, ADMIN},
        "trail.see": {AUDIT, ADMIN},
        "trail.prove": {AUDIT, ADMIN},
        "trail.export": {AUDIT, ADMIN},
        # 后台任务: everybody's own, and what of it may be taken out is asked again by the right to it
        "jobs.see": {CO, AUDIT, ADMIN},
        "jobs.stop": {CO, AUDIT, ADMIN},
        "jobs.fetch": {CO, AUDIT, ADMIN},
        "wellness.see": {ADMIN},
        "wellness.verify": {ADMIN},
        # 发送通道
        "gateways.see": {ADMIN},
        "gateways.change": {ADMIN},
        # the gallery of components: samples only
        "gallery.see": {ADMIN},
    }.items()
}

#: What cannot be cut along the grid: a file holds rows of every part, the trail is one chain, a figure holds for all, an
#: honour is shown to everybody wherever its firm is.
#: These are open only to who holds the role for the whole street.
WHOLE_STREET = frozenset(
    {
        "month.see",
        "imports.see",
        "imports.run",
        "places.change",
        "settings.change",
        "settings.pay_to",
        "alliance.change",
        "honours.see",
        "honours.take_in",
        "honours.check",
        "honours.publish",
        "honours.rule",
        "thanks.see",
        "thanks.propose",
        "thanks.review",
        "thanks.give",
        "thanks.certify",
        "members.see",
        "members.join",
        "figures.see",
        "figures.export",
        "activities.see",
        "activities.run",
        "activities.lift",
        "members.appoint",
        "points.see",
        "points.set",
        "tills.see",
        "tills.run",
        "tills.decide",
        "settlements.see",
        "settlements.freeze",
        "settlements.pay",
        "settlements.export",
        "trail.see",
        "trail.prove",
        "trail.export",
        "wellness.see",
        "wellness.verify",
        "vouchers.see",
        "vouchers.make",
        "vouchers.approve",
        "gateways.see",
        "gateways.change",
    }
)


#: What moves money, people or settings. Who may do any of it proves more than a password, where HEGE_SECOND_FACTOR asks
#: for that (要第二重验证的权限).
COMPELLING = frozenset(
    {
        "meters.book", "meters.share", "meters.register", "imports.run", "cutoffs.defer", "units.register", "places.change",
        "people.grant", "offices.add", "settings.change", "settings.pay_to", "gateways.change", "honours.publish", "honours.rule",
        "programme.publish",
        "vouchers.approve", "tills.decide",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """Who may open a view: a verb of ``MAY``, any signed-in person, who bears a cookie, or everybody for a reason."""

    verb: str | None = None
    signed_in: bool = False
    #: A member's own, below ``/m/<street_code>/`` (``hege.web.bearers``).
    member: bool = False
    #: A shop's till, below ``/t/<street_code>/`` (``hege.web.bearers``).
    till: bool = False
    public_because: str = ""
    #: Whether search engines may list it: only what is about no person.
    listed: bool = False
    #: For how many seconds anybody may keep it, and pages of other sites read it: what is the same for everybody.
    kept_for: int = 0
    #: What of the phone the page may ask its owner for, as browsers call it: "geolocation", "camera"; nothing, else.
    asks_for: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person works: one street, the roles held there today, and the part of it that is theirs to see."""

    user: User
    street: Street
    memberships: tuple[Membership, ...]
    today: dt.date
    #: What the page was opened for.
    verb: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(m.role) for m in self.memberships)

    def to(self, name: str, *ids: object) -> str:
        """The address of a page of this street, as ``to`` in a template."""
        return where(name, self.street.code, *ids)

    def may(self, verb: str) -> bool:
        """Whether a role held here is in the verb's row, and far enough. Templates and views ask this, never the role itself."""
        return bool(self._granted(verb))

    def paths(self, verb: str) -> tuple[str, ...]:
        """The parts of the grid tree for which the verb is granted; ``("",)`` is the whole street.

        On a page opened to *do* something they are cut to where that may be done: who looks after the whole street
        and handles cases in one part of it finds, on the way to handling one, only those of that part.
        """
        paths = self._granted(verb)
        if self.verb and not self.verb.endswith(".see"):
            paths = {max(a, b, key=len) for a in paths for b in self._granted(self.verb) if _one_holds_the_other(a, b)}
        return ("",) if "" in paths else tuple(sorted(paths))

    def _granted(self, verb: str) -> set[str]:
        paths = {m.path for m in self.memberships if m.role in MAY[verb]}
        return paths & {""} if verb in WHOLE_STREET else paths

    def party_ids(self, verb: str) -> tuple[int, ...] | None:
        """The parties the person acts for, when the verb is granted *only* to that end; else ``None`` = no limit.

        A collecting agent sees their own master meters, a clerk's own office its own tasks first.
        """
        granting = [m for m in self.memberships if m.role in MAY[verb]]
        if any(m.role != Role.AGENT for m in granting):
            return None
        return tuple(sorted(m.party_id for m in granting if m.party_id is not None))

    @property
    def role_names(self) -> str:
        """The roles held, in words, as shown beside the name."""
        return _("、").join(str(Role(r).label) for r in dict.fromkeys(m.role for m in self.memberships))


def _one_holds_the_other(a: str, b: str) -> bool:
    """Whether one part of the grid lies within the other; paths end with a slash."""
    return a.startswith(b) or b.startswith(a)


def may(roles: frozenset[Role], verb: str) -> bool:
    """Whether any of the roles is in the verb's row; ``KeyError`` for a verb that is not in the table."""
    return bool(roles & MAY[verb])


def who_may(verb: str) -> str:
    """The roles of a verb in words, in the order of the enum."""
    return _("、").join(str(role.label) for role in Role if role in MAY[verb])


def has_to_prove_more(request: HttpRequest) -> bool:
    """Whether the person holds a role today, in any street, that may do something for which a password is not enough."""
    if settings.SECOND_FACTOR != "required" or not isinstance(request.user, User):
        return False
    roles = frozenset(Role(role) for role in roles_of(request.user, on=clock.today()))
    return any(may(roles, verb) for verb in COMPELLING)


def has_to_set_up(request: HttpRequest) -> bool:
    """Whether the person has to have a second factor and this session was opened without one; else it asks nothing."""
    return settings.SECOND_FACTOR == "required" and PROVEN not in request.session and has_to_prove_more(request)


class NotYours(Refused):
    """The person may see this thing but not do this to it: a worded page with status 403."""


def enter(request: HttpRequest, street_code: str, verb: str) -> Desk:
    """The desk of the signed-in person in a street, for a verb.

    Raises ``Http404`` for who holds no role there today or may not see the thing at all, and
    ``NotYours`` for who may see it but not do this, or holds the role for a part of what is only whole.
    """
    user = request.user
    if isinstance(user, AnonymousUser):
        raise Http404
    today, posts = posts_here(request, user.pk, street_code)
    if not posts:
        raise Http404
    street = posts[0].street
    desk = Desk(user, street, posts, today, verb)
    if not may(desk.roles, f"{verb.split('.')[0]}.see"):
        raise Http404
    request.desk = desk  # type: ignore[attr-defined]  # read again only by desk_of()
    if not desk.may(verb):
        if may(desk.roles, verb):
            raise NotYours(
                _("这里管的是整个街道，分不到片，只给管全街道的%(who)s。您只管其中一片。"), who=who_may(verb)
            )
        raise NotYours(
            _("这一步由%(who)s办理。您在%(street)s是%(you)s，可以看，不能办。"),
            who=who_may(verb), street=street.name, you=desk.role_names,
        )  # fmt: skip
    return desk


def desk_of(request: HttpRequest) -> Desk | None:
    """The desk that ``enter`` opened for this request, or ``None`` on public pages."""
    return cast("Desk | None", getattr(request, "desk", None))


def first_of_all(request: HttpRequest) -> HttpResponse | None:
    """Where somebody has to go before any page: to sign in, to choose a password of their own in place of the one that was
    handed over, or to set up the second factor that their role needs. ``None`` when nothing stands in the way."""
    if not isinstance(request.user, User):
        say_why_to_sign_in(request, kept=keep_what_was_sent(request))
        return redirect_to_login(_back_to(request))
    here = request.resolver_match.view_name if request.resolver_match else ""
    if request.user.must_change_password and here != OWN_PAGE:
        keep_what_was_sent(request)
        return redirect(OWN_PAGE)
    if here != OWN_PAGE and not here.startswith(FACTOR_PAGES) and has_to_set_up(request):
        keep_what_was_sent(request)
        return redirect(FACTORS_PAGE)
    return None


def _back_to(request: HttpRequest) -> str:
    """The page to go on with after signing in: of a form that was sent, the one it stood on, where the browser says it."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    if request.method != "POST" or not ours:
        return request.get_full_path()
    return urlsplit(came_from)._replace(scheme="", netloc="").geturl()


def opens(
    verb: str,
) -> Callable[[Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]], View]:
    """Mark a street page and let in only who may: takes ``street_code`` off the address, hands the view a ``Desk``."""
    methods = ("GET", "HEAD") if verb.endswith(".see") else ("GET", "HEAD", "POST")
    if verb not in MAY:
        raise KeyError(f"{verb} is not in hege.web.access.MAY")

    def mark(view: Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]) -> View:
        @wraps(view)
        def let_in(request: HttpRequest, street_code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            first = first_of_all(request)
            if first is not None:
                return first
            desk = enter(request, street_code, verb)
            if request.GET:
                request.GET = AskedFor(request.GET.urlencode())  # type: ignore[assignment]  # it never changes
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, desk, *args, **kwargs)

        return marked(let_in, Opening(verb=verb))

    return mark


def verb_of(address: str, street: Street) -> str | None:
    """What a page of a street is opened for, if an address is one of it that only shows something."""
    try:
        found = resolve(urlsplit(address).path)
    except Resolver404:
        return None
    opening = opening_of(found.func)
    verb = (opening.verb if opening else None) or ""
    return verb if found.kwargs.get("street_code") == street.code and verb.endswith(".see") else None


def signed_in(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> View:
    """Mark a page that any signed-in person may open and that belongs to no street."""

    @wraps(view)
    def let_in(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return first_of_all(request) or view(request, *args, **kwargs)

    return marked(let_in, Opening(signed_in=True))


def public(because: str, *, listed: bool = False, kept_for: int = 0, asks_for: str = "") -> Callable[[View], View]:
    """Mark a page that needs no sign-in, and say why. ``listed``: search engines may list it, for it is about no person;
    ``kept_for``: so many seconds anybody may keep it, for it is the same for everybody, whatever their cookies;
    ``asks_for``: what of the phone its script may ask for."""

    def mark(view: View) -> View:
        return marked(view, Opening(public_because=because, listed=listed, kept_for=kept_for, asks_for=asks_for))

    return mark


def marked(view: View, opening: Opening) -> View:
    """Keep on a view who may open it; for the markers alone."""
    view.opening = opening  # type: ignore[attr-defined]  # read by opening_of()
    return view


def opening_of(view: object) -> Opening | None:
    """How a view of the URL table is marked; ``None`` for one that is not, which fails the suite."""
    return cast("Opening | None", getattr(view, "opening", None))
