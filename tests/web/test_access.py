"""Who may open what: the table, the desk, and what a person is told when the answer is no."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.people.models import Membership, Party, Role, User
from hege.web import access
from hege.web.access import FACTOR_PAGES, MAY, OWN_PAGE, Desk, NotYours, enter, opening_of, opens, public
from hege.web.sessions import SessionStore
from tests.cast import Cast
from tests.routes import routes

pytestmark = pytest.mark.django_db

#: The acts that do harm in the wrong hands, and who may do them: a copy by hand. The table of the product is allowed to
#: change only together with it, so that a right is never widened by the way.
DANGEROUS = {
    ("coordinator",): """
        meters:open_book meters:reverse meters:share
        cases:dispatch cases:dispatch_all cases:close cases:agree cases:agree_task cases:refuse cases:refuse_task cases:resume
        cases:resume_task cases:reopen cases:add_party cases:end_party
        conferences:call conferences:hold conferences:add_decision conferences:sign conferences:cancel_decision
        cutoffs:demand cutoffs:notify cutoffs:cut cutoffs:defer cutoffs:renew cutoffs:lift cutoffs:clear
        cutoffs:withdraw cutoffs:restore warnings:acknowledge warnings:report
        members:appoint members:letter members:end_role
        vouchers:approve vouchers:close vouchers:withdraw tills:decide tills:reverse papers:void
        papers:public_notice papers:demand_letter papers:cutoff_notice papers:deferral_letter papers:invitation
        papers:sign_in_sheet
    """,
    ("checker",): "cases:check cases:rework",
    ("coordinator", "checker"): "conferences:confirm conferences:send_back",
    ("mediator",): """
        mediation:particulars mediation:authorise mediation:draft mediation:print mediation:print_paper mediation:sign
        mediation:record mediation:session mediation:document mediation:apply mediation:ruling mediation:performed
        mediation:breached mediation:fail mediation:terminate mediation:archive
    """,
    ("coordinator", "mediator"): "mediation:open",
    ("coordinator", "checker", "mediator", "auditor"): "mediation:index mediation:file",
    (
        "coordinator",
        "checker",
        "mediator",
        "agent",
        "auditor",
    ): "mediation:agreements mediation:agreement mediation:paper",
    ("coordinator", "grid_worker"): """
        reports:reporter reports:shown_reporter reports:verify reports:reject reports:merge cases:link cases:revoke_link
        cases:void
        meters:pay meters:acknowledge meters:evidence meters:record_reading meters:correct_reading meters:exchange_meter
    """,
    ("coordinator", "grid_worker", "administrator"): "units:code units:posters",
    ("coordinator", "clerk"): """
        members:new members:new_card members:print_card members:card_code members:end_phone members:amend members:leave
        members:sheet members:codes members:station_code members:end_codes
        tills:add tills:amend tills:end_shop tills:add_till tills:link tills:code tills:end_till
    """,
    ("coordinator", "administrator"): """
        imports:choose imports:pile imports:add imports:look imports:accept imports:confirm imports:drop imports:done
        imports:say imports:columns imports:read_as imports:forget imports:original imports:lines imports:marked
        imports:drop_one
        imports:name imports:forget_name imports:mapping imports:forget_mapping imports:relearn
        units:renew offices:new offices:amend
        units:register units:amend units:leave units:move_in units:sub_meter meters:register meters:amend
        places:new places:rename places:close places:locate_units places:locate_meters places:choose places:confirm
    """,
    ("coordinator", "auditor", "administrator"): """
        meters:export meters:export_money jobs:index jobs:job jobs:cancel jobs:fetch jobs:taken meters:source imports:index imports:learnt people:index people:person
    """,
    ("auditor", "administrator"): "trail:index trail:line trail:prove trail:export trail:pack",
    ("administrator",): """
        wellness:index wellness:verify gateways:index gateways:change gateways:resend gateways:withdraw
        people:new people:grant people:password people:handover people:lock people:unlock people:end
        settings:threshold settings:mark_day settings:confirm_year
    """,
}

#: All that opens without signing in.
PUBLIC = """
    account:home account:everywhere account:sign_in account:second_step account:second_step_options account:draft_keep account:sign_out account:size account:language gallery
    machine:live machine:ready machine:metrics
    roll:index roll:roll roll:print roll:text roll:check roll:issuer roll:status roll:honour roll:object roll:thanks
    roll:certificate roll:badge roll:picture roll:code
    letters:find letters:publicity letters:status letters:letter letters:print letters:badge letters:code letters:object
    letters:objected letters:report letters:picture paper_check:find paper_check:check
    nearby:stations nearby:gates nearby:gate nearby:code
    shop:page shop:wrong shop:thanks shop:thanks_for shop:sent shop:find shop:reported shop:stop
    answer:open answer:task answer:other answer:other_not_ours answer:not_ours answer:done answer:sent
    member:join member:join_code member:join_you member:station member:left member:card
    menu:index menu:menu menu:poster menu:code menu:calendar menu:activity menu:activity_calendar
    till:open
"""


OPENINGS = {route.name: found for route in routes() if (found := opening_of(route.view))}


def asked_by(user: User | AnonymousUser, path: str = "/", method: str = "GET") -> HttpRequest:
    request = RequestFactory().generic(method, path)
    request.user = user
    request.session = SessionStore()
    return request


@opens("cases.see")
def seen(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    return HttpResponse(f"{desk.street.code} {case_id}")


@opens("cases.close")
def closed(request: HttpRequest, desk: Desk) -> HttpResponse:
    return HttpResponse("done")


def test_every_thing_has_a_row_for_seeing_it():
    assert {verb.split(".")[0] for verb in MAY} == {verb.split(".")[0] for verb in MAY if verb.endswith(".see")}


def test_nobody_may_do_what_they_may_not_see():
    blind = [(verb, role) for verb in MAY for role in MAY[verb] - MAY[f"{verb.split('.')[0]}.see"]]
    assert blind == []


def test_a_dangerous_act_is_open_to_these_roles_alone():
    wrong = []
    for who, named in DANGEROUS.items():
        for route in named.split():
            verb = OPENINGS[route].verb
            may = [str(role.value) for role in Role if verb and role in MAY[verb]]
            wrong += [f"{route} is open to {may}, not to {who}"] if may != list(who) else []
    assert wrong == []


def test_these_addresses_alone_need_no_sign_in():
    assert sorted(name for name, found in OPENINGS.items() if found.public_because) == sorted(PUBLIC.split())
    assert [name for name, found in OPENINGS.items() if found.listed] == [
        "roll:index", "roll:roll", "roll:check", "roll:honour", "nearby:stations", "nearby:gates", "nearby:gate",
        "menu:index", "menu:menu", "menu:activity",
    ]  # fmt: skip
    assert [name for name, found in OPENINGS.items() if found.kept_for] == [
        "roll:issuer",
        "roll:status",
        "roll:badge",
        "roll:picture",
        "roll:code",
        "nearby:code",
        "menu:calendar",
        "menu:activity_calendar",
        "letters:status",
        "letters:badge",
        "letters:code",
    ]
    assert [(name, found.asks_for) for name, found in OPENINGS.items() if found.asks_for] == [
        ("till:camera", "camera"),
        ("nearby:stations", "geolocation"),
    ]
    own = [name for name, found in OPENINGS.items() if found.signed_in]
    assert [name for name in own if not name.startswith(FACTOR_PAGES)] == [
        OWN_PAGE, "account:held", "account:held_copy", "account:draft_drop", "account:sessions", "account:sessions_end", "account:wish",
    ]  # fmt: skip


def test_every_role_has_a_first_page():
    assert MAY["today.see"] == set(Role)


def test_an_unknown_verb_is_found_when_the_page_is_written():
    with pytest.raises(KeyError):
        opens("cases.fly")


def test_a_member_gets_a_desk_in_their_street(cast: Cast):
    desk = enter(asked_by(cast.coordinator), cast.street.code, "cases.close")
    assert (desk.street, desk.roles) == (cast.street, {Role.COORDINATOR})
    assert desk.may("cases.close")
    assert not desk.may("cases.check")


def test_a_street_without_a_role_there_does_not_exist_for_a_person(cast: Cast, other_cast: Cast):
    with pytest.raises(Http404):
        enter(asked_by(cast.administrator), other_cast.street.code, "today.see")
    with pytest.raises(Http404):
        enter(asked_by(cast.administrator), "999999999", "today.see")


def test_a_thing_one_may_not_see_does_not_exist(cast: Cast):
    with pytest.raises(Http404):
        enter(asked_by(cast.agent), cast.street.code, "cases.close")


def test_a_thing_one_may_see_but_not_do_is_refused_with_the_roles_who_may(cast: Cast):
    with pytest.raises(NotYours) as refusal:
        enter(asked_by(cast.grid_worker), cast.street.code, "cases.close")
    assert "召集人" in str(refusal.value)
    assert "网格员" in str(refusal.value)


@pytest.mark.parametrize(("first", "end", "lasts"), [(0, None, True), (1, None, False), (-9, 1, True), (-9, 0, False)])
def test_a_role_counts_only_while_it_lasts(cast: Cast, first: int, end: int | None, lasts: bool):
    today = clock.today()
    until_on = None if end is None else today + end * DAY
    Membership.objects.filter(user=cast.coordinator).update(from_on=today + first * DAY, until_on=until_on)
    with nullcontext() if lasts else pytest.raises(Http404):
        enter(asked_by(cast.coordinator), cast.street.code, "today.see")


def test_a_part_of_the_grid_is_seen_only_through_the_roles_that_grant_the_verb(cast: Cast):
    Membership.objects.filter(user=cast.grid_worker).update(path="310117006/G1/")
    Membership.objects.create(street=cast.street, user=cast.grid_worker, role=Role.AUDITOR, from_on=dt.date(2026, 1, 1))
    desk = enter(asked_by(cast.grid_worker), cast.street.code, "today.see")
    assert desk.paths("cutoffs.watch") == ("310117006/G1/",)
    assert desk.paths("today.see") == ("",)
    assert desk.paths("trail.see") == ("",)


def test_what_is_only_whole_is_not_open_to_a_part(cast: Cast):
    Membership.objects.filter(user=cast.coordinator).update(path="310117006/G1/")
    desk = enter(asked_by(cast.coordinator), cast.street.code, "meters.see")
    assert (desk.may("meters.book"), desk.may("imports.see"), desk.may("imports.run")) == (True, False, False)
    with pytest.raises(NotYours) as refusal:
        enter(asked_by(cast.coordinator), cast.street.code, "imports.run")
    assert "全街道" in str(refusal.value)


def test_a_collecting_agent_is_held_to_their_own_party(cast: Cast):
    desk = enter(asked_by(cast.agent), cast.street.code, "meters.see")
    assert desk.party_ids("meters.see") == (cast.agent_party.pk,)
    assert enter(asked_by(cast.auditor), cast.street.code, "meters.see").party_ids("meters.see") is None


def test_an_agent_without_a_party_sees_no_meter_rather_than_all(cast: Cast):
    Membership.objects.filter(user=cast.agent).update(party=None)
    assert enter(asked_by(cast.agent), cast.street.code, "meters.see").party_ids("meters.see") == ()
    assert Party.objects.filter(street=cast.street).exists()


def test_a_marked_view_takes_the_street_off_the_address(cast: Cast):
    answer = seen(asked_by(cast.clerk), street_code=cast.street.code, case_id="abc")
    assert answer.content.decode() == f"{cast.street.code} abc"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(cast: Cast):
    answer = seen(asked_by(AnonymousUser(), "/310117006/cases/abc/"), street_code=cast.street.code, case_id="abc")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/310117006/cases/abc/")


def test_a_page_to_look_at_takes_no_post(cast: Cast):
    assert seen(asked_by(cast.clerk, method="POST"), street_code=cast.street.code, case_id="a").status_code == 405
    assert closed(asked_by(cast.coordinator, method="POST"), street_code=cast.street.code).status_code == 200


def test_a_mark_can_be_read_from_the_view():
    assert opening_of(seen) == access.Opening(verb="cases.see")
    assert opening_of(public("a poster")(lambda request: HttpResponse())) == access.Opening(public_because="a poster")


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in resolver.url_patterns:
        found += patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return found


def test_every_address_says_who_may_open_it():
    unmarked = [str(p.pattern) for p in patterns(get_resolver()) if opening_of(p.callback) is None]
    assert unmarked == []


def test_not_found_offers_search_to_a_member_once_there_is_one(client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    answer = client.get(f"/{cast.street.code}/no-such-page/")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode()
    assert cast.street.name in answer.content.decode()


def test_not_found_tells_a_stranger_nothing_of_the_street(client: Client, cast: Cast, other_cast: Cast):
    client.force_login(other_cast.coordinator)
    answer = client.get(f"/{cast.street.code}/no-such-page/")
    assert answer.status_code == 404
    assert cast.street.name not in answer.content.decode()
