"""Two database users, by the very recipe that offices are given: the site does its whole work and cannot change history."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.postgres import program
from tests.template import ROOT, _named, _where

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db]
RECIPE = ROOT / "packaging" / "postgresql" / "roles.sql"
SIGN_IN = """
import django; django.setup()
from django.test import Client
from hege.people.models import User
user = User.objects.filter(memberships__role="coordinator").first()
user.set_password("seven-red-bicycles")
user.save(update_fields=["password"])
answer = Client().post("/sign-in/", {"username": user.username, "password": "seven-red-bicycles"}, follow=True)
print(answer.status_code, answer.redirect_chain[-1][0])
"""


class Two:
    """A database of two users, and commands run as either."""

    def __init__(self, where: dict[str, Any]) -> None:
        self.where, self.pid = where, os.getpid()
        self.database, self.owner, self.site = (f"hege_{what}_{self.pid}" for what in ("two", "owner", "site"))

    def recipe(self) -> None:
        named = [f"--set={name}={getattr(self, name)}" for name in ("database", "owner", "site")]
        command = [program("psql"), "--quiet", "--no-psqlrc", *named, f"--file={RECIPE}"]
        subprocess.run(command, env=_named(self.where, "postgres"), check=True, capture_output=True)

    def sql(self, statement: str, *, database: str = "", user: str = "") -> None:
        own = {**self.where, **({"user": user, "password": "Vq8s0-Lw2p"} if user else {})}
        with psycopg.connect(**own, dbname=database or self.database, autocommit=True) as to:
            to.execute(statement.encode())

    def run(self, user: str, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        url = f"postgres://{user}:Vq8s0-Lw2p@{self.where['host']}:{self.where['port']}/{self.database}"
        return subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, check=False,
            env={**os.environ, "HEGE_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "hege.settings", **environment},
        )  # fmt: skip

    def hege(self, user: str, *words: str, **environment: str) -> str:
        done = self.run(user, "-m", "hege.cli.main", *words, **environment)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def looked_at(self) -> dict[str, dict[str, str]]:
        """What `hege check` says of the two things that are about the site's user."""
        safe = {
            "HEGE_ENV": "production",
            "HEGE_ALLOWED_HOSTS": "hege.example.gov.cn",
            "HEGE_SECRET_KEY": "kS8w2Zq-Rr4yVbN7tLx0PmHdEcA9uJf3GiToYs6WlKvXnQeBzC5",
        }
        done = self.run(self.site, "-m", "hege.cli.main", "check", "--json", **safe)
        assert done.stdout, done.stderr
        told = json.loads(done.stdout)
        return {f["code"]: f for f in told["findings"] if f["code"] in ("database_rights", "database_user")}


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Iterator[Two]:
    with django_db_blocker.unblock():
        made = Two(_where(connection.get_connection_params()))
    try:
        made.recipe()
        made.recipe()  # as often as you like
        for user in (made.owner, made.site):
            made.sql(f"ALTER ROLE {user} PASSWORD 'Vq8s0-Lw2p'", database="postgres")
        made.hege(made.owner, "migrate", "-v", "0")
        yield made
    finally:
        made.sql(f"DROP DATABASE IF EXISTS {made.database} WITH (FORCE)", database="postgres")
        for user in (made.owner, made.site):
            made.sql(f"DROP ROLE IF EXISTS {user}", database="postgres")


def test_the_site_does_its_work_is_copied_by_itself_and_restored_by_the_owner_and_works_on(two: Two, tmp_path: Path):
    told = json.loads(two.hege(two.site, "story", "water", "--json", HEGE_STORY_INSIDE="1"))
    assert told["verified"] is True
    copy = str(tmp_path / "copy")
    two.hege(two.site, "backup", copy)
    two.hege(two.owner, "restore", copy, "--force")
    assert {code: (found["state"], found["mend"]) for code, found in two.looked_at().items()} == {
        "database_rights": ("ok", ""),
        "database_user": ("ok", ""),
    }
    signed_in = two.run(two.site, "-c", SIGN_IN)
    assert signed_in.stdout.startswith("200 /310117006"), signed_in.stderr + signed_in.stdout


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"]
)
def test_the_site_can_neither_change_history_nor_take_its_guards_off(two: Two, statement: str):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        two.sql(statement.format("ledger_event"), user=two.site)


TAKEN = {
    "REVOKE DELETE, UPDATE ON people_street FROM {site}": "表 people_street 的 UPDATE、DELETE",
    "REVOKE INSERT ON ledger_event FROM {site}": "表 ledger_event 的 INSERT",
    "REVOKE USAGE ON SEQUENCE ledger_event_id_seq FROM {site}": "序列 ledger_event_id_seq 的 USAGE",
    "REVOKE SELECT ON django_migrations FROM {site}": "表 django_migrations 的 SELECT",
    "REVOKE USAGE ON SCHEMA public FROM {site}": "架构 public 的 USAGE",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public REVOKE ALL ON TABLES FROM {site}": "以后新建的表的 SELECT、INSERT",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public REVOKE USAGE ON SEQUENCES FROM {site}": "以后新建的序列的 USAGE",
}
TOO_MUCH = {
    "GRANT UPDATE ON ledger_event TO {site}": "表 ledger_event 的 UPDATE",
    "GRANT CREATE ON SCHEMA public TO {site}": "它能在架构 public 里建表",
    "ALTER TABLE cases_case OWNER TO {site}": "它拥有 1 张表",
}


def test_each_right_that_is_missing_is_named_and_recipe_and_migrate_give_it(two: Two):
    for taken in TAKEN:
        two.sql(taken.format(site=two.site, owner=two.owner))
    found = two.looked_at()["database_rights"]
    assert (found["state"], [named for named in TAKEN.values() if named not in found["text"]]) == ("to_be_mended", [])
    assert "roles.sql" in found["mend"]
    two.recipe()
    two.hege(two.owner, "migrate", "-v", "0")
    assert two.looked_at()["database_rights"]["state"] == "ok"


def test_each_right_that_is_too_much_is_told_and_recipe_and_migrate_take_it_back(two: Two):
    for given in TOO_MUCH:
        two.sql(given.format(site=two.site))
    found = two.looked_at()["database_user"]
    assert (found["state"], [named for named in TOO_MUCH.values() if named not in found["text"]]) == (
        "worth_knowing",
        [],
    )
    two.recipe()
    two.hege(two.owner, "migrate", "-v", "0")
    assert two.looked_at()["database_user"]["state"] == "ok"
