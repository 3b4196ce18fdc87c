"""Three databases of one site, two streets in each: nothing of one is known in another, and people who work in two go about in both."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connections, router
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from hege.cli import shards as cli
from hege.installation.queries import ready_findings
from hege.kernel import signing
from hege.kernel.database import atomic, connection
from hege.kernel.refused import Refused
from hege.kernel.shards import Router, current, folder, reading_from, shard_of, within
from hege.kernel.unsaid.base import DatabaseWrapper as Unsaid
from hege.kernel.unsaid.base import NobodySaidWhich
from hege.metering.models import SupplyPoint
from hege.outbox.actions import set_wish
from hege.papers.actions import issue_paper
from hege.papers.drawing import Wanted, draw
from hege.papers.rules import PaperKind
from hege.people.models import Membership, Organisation, Role, Street, User
from hege.places.models import Unit
from hege.places.queries import unit_tokens
from tests.cast import DAY, NOW, PASSWORD, make_row, tell
from tests.integrity.tampering import tamper
from tests.template import Databases

pytestmark = pytest.mark.slow

STREETS = {
    "north": {"310117006": "九里亭街道", "310117007": "方松街道"},
    "south": {"310118107": "华新镇", "310118001": "夏阳街道"},
    "west": {"310115001": "陆家嘴街道", "310112001": "江川路街道"},
}
CODES = {"north": ("310117",), "south": ("310118",), "west": ("310115", "310112")}
HERE, THERE, ELSEWHERE = "310117006", "310118107", "310115001"


class Site(dict[str, dict[str, Any]]):
    """What Django is told of each database, by its name."""

    def know(self, name: str, stack: ExitStack) -> None:
        """Let Django know one for as long as the stack lasts."""
        stack.enter_context(patch.dict(settings.DATABASES, {name: self[name]}))
        stack.callback(connections.__delitem__, name)
        stack.callback(lambda: connections[name].close())


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, databases: Databases, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> Iterator[Site]:
    """Streets, shops and people in three databases; and no database where nobody says which."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        plain = connections["default"]
        one = {**plain.settings_dict, "TIME_ZONE": None}
        made = Site({name: {**one, "NAME": databases.copy(name)} for name in (*STREETS, "west-replica")})
        for name in STREETS:
            made.know(name, stack)
        stack.enter_context(patch.object(router, "routers", [Router()]))
        stack.enter_context(override_settings(SHARDS=CODES, DATA_DIR=tmp_path_factory.mktemp("data")))
        plain.close()
        connections["default"] = Unsaid({**plain.settings_dict, "ENGINE": "hege.kernel.unsaid"}, "default")
        stack.callback(connections.__setitem__, "default", plain)
        for name, streets in STREETS.items():
            with within(name), atomic():
                _fill(streets)
        made["copy"] = made["west-replica"]  # as who fills it calls it
        yield made


def _fill(streets: dict[str, str], code: str = "ZB-1") -> None:
    """Two streets, a row of shops in each, and somebody with a post in both; one more of the first alone."""
    organisation = Organisation.objects.create(name="城运中心")
    both, first = (User.objects.create_user(name, PASSWORD, full_name=name) for name in ("both", "first"))
    for n, (number, name) in enumerate(streets.items()):
        street = Street.objects.create(organisation=organisation, code=number, name=name)
        for user in (both, first)[: 2 - n]:
            Membership.objects.create(street=street, user=user, role=Role.COORDINATOR, from_on=DAY)
        make_row(street, code=code, shops=1, mark=name)
        tell(street)


def signed_in(client: Client, code: str, username: str = "both") -> Client:
    """Sign in to a street, as a browser is led there."""
    answer = client.get(f"/{code}/", follow=True)
    assert answer.request["PATH_INFO"] == "/sign-in/"
    where = f"/sign-in/?{answer.request['QUERY_STRING']}"
    answer = client.post(where, {"username": username, "password": PASSWORD, "next": f"/{code}/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{code}/")
    return client


def _telephone(number: str) -> None:
    user = User.objects.get(username="both")
    set_wish(user, channels=[], phone=number, by=user, at=NOW)


def _a_paper() -> str:
    """The code on a statement of a meter."""
    point = SupplyPoint.objects.select_related("street").order_by("pk")[0]
    wanted = Wanted(PaperKind.METER_STATEMENT, point.street, point, from_on=DAY, last_on=NOW.date())
    return issue_paper(wanted, digest=draw(wanted, at=NOW).digest, by=None, at=NOW).check_code


def said(name: str) -> str:
    """A digest of every row of a database."""
    whole = hashlib.sha256()
    with within(name), connection.cursor() as cursor:
        for table in sorted(connection.introspection.django_table_names(only_existing=True)):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            whole.update(repr((table, cursor.fetchall())).encode())
    return whole.hexdigest()


def test_a_street_is_served_from_its_own_database_and_a_write_leaves_the_others_as_they_were(site: Site):
    client = signed_in(signed_in(Client(), HERE), THERE)
    for name, streets in STREETS.items():
        for code, called in streets.items():
            answer = client.get(f"/{code}/meters/")
            if name == "west":  # nobody has signed in there
                assert answer.headers["Location"].startswith(f"/sign-in/?next=/{code}/meters/")
            else:
                assert called in answer.content.decode()
    before = {name: said(name) for name in STREETS}
    answer = client.post("/me/messages/?shard=south", {"channels": [], "phone": "13800000001"})
    assert answer.status_code == 302
    assert [name for name in STREETS if said(name) != before[name]] == ["south"]
    with within("south"):
        _telephone("")


def test_who_is_signed_in_in_two_databases_sees_both_and_who_is_not_learns_of_no_account(site: Site):
    client = signed_in(Client(), HERE)
    page = client.get("/streets/").content.decode()
    assert page.count("在这里登录") == 2
    assert "方松街道" in page
    assert 'href="/310118' not in page
    signed_in(client, THERE)
    page = client.get("/streets/").content.decode()
    assert page.count("在这里登录") == 1
    assert "同一个手机号" not in page
    assert all(f'href="/{code}/"' in page for name in ("north", "south") for code in STREETS[name])
    for name in ("north", "south"):
        with within(name):
            _telephone("13800000001")
    assert client.get("/streets/").content.decode().count("同一个手机号") == 2
    client.post("/sign-out/", headers={"referer": f"http://testserver/{HERE}/"})
    assert client.get(f"/{HERE}/").status_code == 302
    assert client.get(f"/{THERE}/").status_code == 200


def test_a_page_of_no_street_is_of_the_shard_its_address_or_the_last_page_says_else_one_chooses(site: Site):
    client = Client()
    assert client.get("/").headers["Location"] == "/streets/"
    assert (
        client.get("/me/?x=1", headers={"referer": f"http://testserver/{THERE}/"}).headers["Location"]
        == "/me/?x=1&shard=south"
    )
    assert client.get("/roll/").headers["Location"] == "/streets/?next=%2Froll%2F"
    signed_in(client, ELSEWHERE, "first")
    assert client.get("/").headers["Location"] == f"/{ELSEWHERE}/"
    assert "陆家嘴街道" in client.get("/me/?shard=west").content.decode()
    assert client.get("/me/?shard=north").headers["Location"].startswith("/sign-in/?next=/me/%3Fshard%3Dnorth")
    assert client.get("/999999999/").status_code in (302, 404)


def test_a_printed_code_is_found_in_its_own_database_though_rows_have_the_same_numbers(site: Site):
    tokens = {}
    for name in STREETS:
        with within(name):
            street = Street.objects.order_by("pk").first()
            assert street is not None
            tokens[name] = next(iter(unit_tokens(street, Unit.objects.filter(street=street)).values()))
    assert len(set(tokens.values())) == 3
    for name, token in tokens.items():
        assert next(iter(STREETS[name].values())) in Client().get(f"/u/{token}/").content.decode()
    assert Client().get("/u/aaaaaaaaaaaaaaaaaaaaaaaaaa/").status_code == 404
    with within("west"):
        paper = _a_paper()
    found = signed_in(Client(), HERE).post("/p/", {"code": paper})
    assert found.headers["Location"] == f"/p/{paper}/"
    away = patch.object(connections["north"], "cursor", side_effect=OperationalError("connection refused"))
    with away:  # who has a code of another one, or looks where to go, is none the worse
        assert "华新镇" in Client().get(f"/u/{tokens['south']}/").content.decode()
        assert "这个库现在连不上" in Client().get("/streets/").content.decode()


def test_nothing_goes_from_one_database_to_another(site: Site):
    with within("north"):
        street, signed = Street.objects.get(code=HERE), signing.dumps([1], salt="test")
        with atomic(), pytest.raises(RuntimeError, match="none spans two shards"), within("south"):
            pass
    with within("south"):
        assert (current(), folder().name) == ("south", "south")
        with pytest.raises(RuntimeError, match="a row of north was asked about in south"):
            street.save()
        with pytest.raises(RuntimeError, match="a row of north"):
            _ = street.organisation.name
        with pytest.raises(RuntimeError, match="a row of north"):
            Membership(user=User.objects.get(username="both"), street=street)
        with pytest.raises(signing.BadSignature):
            signing.loads(signed, salt="test")
    with pytest.raises(NobodySaidWhich):
        list(Street.objects.all())
    with pytest.raises(NobodySaidWhich), atomic():
        pass
    assert (shard_of("310112001"), shard_of("310999001")) == ("west", None)


def test_a_street_in_another_database_than_its_code_says_is_named(site: Site):
    def found(**codes: tuple[str, ...]) -> str:
        with override_settings(SHARDS={**CODES, **codes}), within("north"):
            return next(line.text for line in ready_findings(at=NOW) if line.code == "streets_here")

    assert found() == "这个库里的街道都归这个库"
    assert found(north=("310117006",)) == "街道 310117007 放错了库，打不开"


# -- commands ----------------------------------------------------------------------------------------------------------


def each_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a command that is done for each shard done within this process, as fewer programs start."""

    def run(said: list[str], *, env: dict[str, str], stdout: int | None) -> subprocess.CompletedProcess[bytes]:
        with within(env["HEGE_DATABASE_URL"]):
            try:
                call_command(*said[3:], stdout=sys.stdout)
            except CommandError as error:
                return subprocess.CompletedProcess(said, error.returncode)
        return subprocess.CompletedProcess(said, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("hege.settings.shards_said", lambda: {name: {"url": name} for name in CODES})


@pytest.mark.once
def test_verify_proves_all_databases_and_names_the_one_with_a_changed_row(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    each_here(monkeypatch)

    with within("south"), atomic():
        assert tamper("UPDATE places_unit SET name = 'X' WHERE code = 'ZB-1-01' AND street_id = 1") == 1
    with pytest.raises(SystemExit) as ended:
        cli.begin(["verify"])
    told = dict(part.split("〕\n", 1) for part in capsys.readouterr().out.split("〔")[1:])
    assert (list(told), ended.value.code) == (list(STREETS), 1)
    assert all(f"{code}：✓" in told[name] for name in ("north", "west") for code in STREETS[name])
    assert [name for name, said in told.items() if "✗" in said] == ["south"]
    assert "310118107：✗" in told["south"]
    assert "310118001：✓" in told["south"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["money", "ZB-1"], "只办一个库的"),
        (["backup"], "只办一个库的"),
        (["clock", "--accept", "--by", "both"], "只办一个库的"),
        (["money", "ZB-1", "--street", "310999001"], "不在 HEGE_DATABASES 写明的任何一个库里"),
        (["setup", "--street", HERE, "--shard=south"], "在 north 库里，不在 south 库里"),
        (["--shard", "east", "verify"], "没有名为 east 的库"),
    ],
)
def test_a_command_that_is_of_one_database_is_never_done_for_the_first(arguments: list[str], answer: str):
    with override_settings(SHARDS=CODES), pytest.raises(Refused, match=answer):
        cli.begin(arguments)


@pytest.mark.once
def test_a_command_with_a_street_is_done_where_the_street_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def go(_program: str, said: list[str], env: dict[str, str]) -> None:
        raise SystemExit([said[3:], env])

    monkeypatch.setattr("os.execve", go)
    monkeypatch.setattr("hege.settings.shards_said", lambda: {name: {"url": f"sqlite:////{name}"} for name in CODES})

    def done(*arguments: str) -> tuple[list[str], dict[str, str]]:
        with pytest.raises(SystemExit) as gone:
            cli.begin(arguments)
        return gone.value.code  # type: ignore[return-value]

    with override_settings(SHARDS=CODES, DATA_DIR=tmp_path, BACKUP_TO=[tmp_path / "copies"]):
        first, west = done("money", "ZB-1", "--street=310112001")
        second, north = done("--shard", "north", "backup")
    assert (first, second) == (["money", "ZB-1", "--street=310112001"], ["backup"])
    assert (west["HEGE_DATABASE_URL"], west["HEGE_SHARD_KEYS"]) == ("sqlite:////west", "west")
    assert (north["HEGE_DATA_DIR"], north["HEGE_SHARD_KEYS"]) == (str(tmp_path / "shards" / "north"), "")
    assert north["HEGE_BACKUP_TO"] == str(tmp_path / "copies" / "north")
    assert "HEGE_DATABASES" not in west


@pytest.mark.once
def test_the_program_asks_the_database_that_has_the_street(site: Site):
    env = {name: said for name, said in os.environ.items() if name not in ("HEGE_DATABASE_URL", "HEGE_KEY_FILE")}
    env["HEGE_DATABASES"] = ", ".join(
        f"{name} {'+'.join(CODES[name])} sqlite:///{site[name]['NAME']}" for name in CODES
    )
    env["HEGE_DATA_DIR"] = str(settings.DATA_DIR)
    command = [sys.executable, "-m", "hege.cli.main", "money", "ZB-1", "--street", THERE]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.stdout.startswith("华新镇 ZB-1"), done.stderr


class Worker:
    """Stands in for a worker's process: that of the south ends by itself at once."""

    started: ClassVar[list[str]] = []

    def __init__(self, _command: list[str], *, env: dict[str, str]) -> None:
        self.of, self.told = env["HEGE_DATABASE_URL"], False
        self.started.append(self.of)

    def poll(self) -> int | None:
        return 1 if self.of == "south" else None

    def terminate(self) -> None:
        self.told = True

    def wait(self) -> int:
        assert self.told
        return 0


@pytest.mark.once
def test_each_shard_has_a_worker_and_one_that_ends_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    looked: list[int] = []

    def sleep(seconds: int) -> None:
        looked.append(seconds)
        if len(looked) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Worker)
    monkeypatch.setattr("hege.settings.shards_said", lambda: {name: {"url": name} for name in CODES})
    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr(cli, "AGAIN_AFTER_SECONDS", 0)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with override_settings(SHARDS=CODES, DATA_DIR=tmp_path), pytest.raises(SystemExit) as ended:
            cli.begin(["work"])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended.value.code == 0
    assert Worker.started == ["north", "south", "west", "south", "south"]


# -- reading from a copy -----------------------------------------------------------------------------------------------


def test_a_page_reads_from_the_copy_unless_the_browser_has_just_written(site: Site):
    """The "copy" here is another database whose street is called otherwise: so one sees which was asked."""
    with ExitStack() as stack:
        site.know("copy", stack)
        site.know("west-replica", stack)
        stack.enter_context(override_settings(SHARDS=CODES))  # the chain of middleware is made anew
        with override_settings(SHARDS={**CODES, "copy": ()}), within("copy"), atomic():
            _fill(STREETS["west"], code="ZB-副本")
        client = signed_in(Client(), ELSEWHERE)
        shows = f"/{ELSEWHERE}/meters/"
        assert "ZB-副本" not in client.get(shows).content.decode()  # to sign in is to write
        del client.cookies["hege_wrote"]
        assert "ZB-副本" in client.get(shows).content.decode()
        with pytest.raises(RuntimeError, match="a write while west-replica"), reading_from("west-replica"):
            Organisation.objects.create(name="X")
        with patch.object(connections["west-replica"], "ensure_connection", side_effect=OperationalError):
            assert "ZB-1" in client.get(shows).content.decode()  # the copy is away: the database itself answers
        client.post("/me/messages/?shard=west", {"channels": []})
        assert "ZB-副本" not in client.get(shows).content.decode()
        with within("west"):  # a post that ended is no post, however far the copy is behind
            Membership.objects.filter(street__code=ELSEWHERE).update(until_on=DAY + dt.timedelta(days=1))
        del client.cookies["hege_wrote"]
        assert client.get(shows).status_code == 404
