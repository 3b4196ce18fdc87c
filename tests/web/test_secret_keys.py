"""Another HEGE_SECRET_KEY: what was made with the former one goes on as long as that is at hand, what is new has the new one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from hege.kernel import clock
from hege.places.actions import renew_unit_link, unit_token
from hege.places.models import Unit
from hege.web.people import handover
from tests.cast import Cast, Row

ROOT = Path(__file__).resolve().parents[2]
#: Every name by which a file of ours may come to the key, and what becomes of it when the key is another one.
WAYS = {
    "hege/settings.py": "reads it; the trail's key where there is no own one, whose former ones stay at hand (test_settings)",
    "hege/people/second_factor/sealing.py": "secrets of second factors: opened by each former key, sealed anew when used",
    "hege/outbox/sealing.py": "addresses and secrets of gateways: opened by each former key, sealed with today's when set anew",
    "hege/credentials/keys.py": "keys of issuers: another secret makes another key, the former is closed and stays published "
    "(tests/credentials/test_keys.py)",
    "hege/kernel/keys.py": "what the database keeps sealed: opened by today's key and by each former one",
    "hege/members/rules.py": "cookies, cards and codes of members: by today's key and by each former one",
    "hege/vouchers/sealing.py": "the secret of a voucher's moving code: opened by each former key",
    "hege/vouchers/tills/rules.py": "cookies and links of tills: by today's key and by each former one",
    "hege/programme/activities/queries.py": "the code on the wall: today's key makes it, each former one is still read",
    "hege/kernel/ids.py": "codes on posters and one-time passwords: by today's key and by each former one",
}
SIGNED = {
    "hege/kernel/signing.py": "Django's signing, of each shard by itself: Django reads it by each former key",
    "hege/web/account/lockout.py": "a cookie of known browsers: Django reads it by each former key",
    "hege/web/member/activity_views.py": "when a page was opened, for minutes: Django reads it by each former key",
    "hege/web/till/page.py": "a ticket for minutes: Django reads it by each former key",
    "hege/web/files.py": "a note of files that were taken while the rest of a form is put right: Django reads it by each former key",
    "hege/web/shared/exporting.py": "a ticket for ten minutes: Django reads it by each former key",
    "hege/web/people/handover.py": "a ticket for ten minutes: Django reads it by each former key",
    "hege/web/lists/whole.py": "a ticket for minutes: Django reads it by each former key",
    "hege/web/lists/drawing.py": "an empty session for a page that nobody's browser asked for: nothing is signed",
    "hege/web/shared/looking.py": "a ticket for minutes: Django reads it by each former key",
    "hege/web/shop/views.py": "a ticket to what was sent just now: Django reads it by each former key",
}


@contextmanager
def another_key(*, keep: bool) -> Iterator[None]:
    old = [settings.SECRET_KEY] if keep else []
    with override_settings(SECRET_KEY="another-" + "9" * 50, SECRET_KEY_FALLBACKS=old):
        yield


def attributes(source: str) -> str:
    return " ".join(n.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute))


def test_every_use_of_the_key_says_how_it_goes_on_under_another():
    uses: dict[str, set[str]] = {"key": set(), "signed": set()}
    for path in (ROOT / "hege").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        if (
            "hege.kernel.keys import" in source
            or "hege.kernel import keys" in source
            or "SECRET_KEY" in attributes(source)
        ):
            uses["key"].add(name)
        if "signed_cookie" in source or re.search(
            r"^from (django\.core|hege\.kernel) import .*\bsigning\b", source, re.MULTILINE
        ):
            uses["signed"].add(name)
        assert "salted_hmac" not in source, f"{name}: salted_hmac knows today's key alone"
    assert uses["key"] | {"hege/settings.py"} == WAYS.keys()
    assert uses["signed"] == SIGNED.keys()


@pytest.mark.django_db
def test_a_poster_of_before_opens_and_is_printed_again_as_it_hangs(client: Client, row: Row):
    hangs = unit_token(row.units[0])
    with another_key(keep=True):
        assert client.get(f"/u/{hangs}/").status_code == 200
        assert unit_token(row.units[0]) == hangs


@pytest.mark.django_db
def test_a_code_renewed_under_another_key_is_made_with_it_and_needs_no_former_one(client: Client, row: Row):
    with another_key(keep=True):
        renew_unit_link(row.units[0], by=None, at=clock.now())
        fresh = unit_token(Unit.objects.get(pk=row.units[0].pk))
    with another_key(keep=False):
        assert unit_token(Unit.objects.get(pk=row.units[0].pk)) == fresh
        assert client.get(f"/u/{fresh}/").status_code == 200


@pytest.mark.django_db
def test_without_the_former_key_posters_go_on_and_the_page_says_why_none_is_printed(
    client: Client, cast: Cast, row: Row
):
    hangs = unit_token(row.units[0])
    client.force_login(cast.coordinator)
    with another_key(keep=False):
        assert Client().get(f"/u/{hangs}/").status_code == 200
        client.force_login(cast.coordinator)
        here = "/310117006/units"
        for page in (f"{here}/posters/ZB-1/", f"{here}/ZB-1-01/"):
            html = client.get(page).content.decode()
            assert "这家店的码是用以前的密钥做的" in html
            assert "code.svg" not in html
        refused = client.get(f"{here}/ZB-1-01/code.svg")
        assert "HEGE_SECRET_KEYS_OLD" in refused.content.decode()
        assert refused.status_code >= 400


@pytest.mark.django_db
def test_who_is_signed_in_stays_so_but_not_without_the_former_key(client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    with another_key(keep=True):
        assert client.get("/310117006/units/").status_code == 200
    with another_key(keep=False):
        assert client.get("/310117006/units/").status_code == 200  # taken over when it was met
    other = Client()
    other.force_login(cast.coordinator)
    with another_key(keep=False):
        assert other.get("/310117006/units/").status_code == 302


@pytest.mark.django_db
def test_a_one_time_password_shown_before_is_shown_again_under_another_key(cast: Cast):
    seed, person, by = handover.seed(), cast.checker, cast.administrator
    password = handover.one_time_password(seed)
    person.set_password(password)
    person.must_change_password = True
    ticket = handover.permit(seed, person, by=by)
    with another_key(keep=True):
        assert handover.permitted(ticket, person, by=by) == password
        assert handover.one_time_password(seed) != password
    with another_key(keep=False):
        assert handover.permitted(ticket, person, by=by) is None
