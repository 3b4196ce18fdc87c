"""A statement drawn once finds and writes what Django would, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat
from django.db.transaction import TransactionManagementError, atomic, set_rollback
from django.test.utils import CaptureQueriesContext

from hege.kernel import prepared as drawing
from hege.kernel.prepared import SHORT, Fixed, change, hang, prepared
from hege.people.models import Membership, Organisation, Role, Street
from hege.trail.models import TrailHead, Upkeep, UpkeepKind
from tests.cast import Cast

AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


def of_users(code: str, users: Sequence[int]) -> QuerySet[Any]:
    rows = Membership.objects.filter(street__code=code, user__pk__in=users).annotate(again=F("street__code"))
    return rows.select_related("street__organisation", "user").order_by("pk")


def test_rows_are_those_that_django_finds_with_what_is_read_along(cast: Cast, django_assert_num_queries: Any):
    rows_of = prepared(of_users)
    for users in ([cast.clerk.pk], [cast.grid_worker.pk], [cast.clerk.pk, cast.coordinator.pk], [0, 0]):
        with django_assert_num_queries(1):
            found = rows_of(cast.street.code, users)
            said = [(row.street.organisation.name, row.user.username, row.again, row.from_on) for row in found]
        wanted = of_users(cast.street.code, users)
        assert found == list(wanted)
        assert said == [(row.street.organisation.name, row.user.username, row.again, row.from_on) for row in wanted]
        assert [row.__dict__.keys() for row in found] == [row.__dict__.keys() for row in wanted]
    assert rows_of("999999999", [cast.clerk.pk]) == []
    assert rows_of(cast.street.code, []) == []


def test_rows_hung_on_a_relation_are_what_it_holds_without_another_question(cast: Cast, django_assert_num_queries: Any):
    street = Street.objects.get(pk=cast.street.pk)
    some = list(Membership.objects.filter(street=street).order_by("-pk")[:2])
    hang(street, "memberships", some)
    with django_assert_num_queries(0):
        assert list(street.memberships.all()) == some
        assert some[0].street is street


@pytest.fixture
def upkeep(db: None) -> list[Upkeep]:
    """One a day, of two kinds, some of which went well; their notes hold what SQL knows another way."""
    return [
        Upkeep.objects.create(
            kind=kind,
            at=AT + dt.timedelta(days=n),
            well=n % 2 == 0,
            note=f"第{n}天 100% '%s' $1",
            data={"n": [n, None]},
        )
        for n, kind in enumerate([UpkeepKind.BACKUP, UpkeepKind.DRILL, UpkeepKind.BACKUP])
    ]


ASKED: dict[str, tuple[Callable[..., QuerySet[Any, Any]], tuple[Any, ...]]] = {
    "an instant, and one that stands": (lambda at: Upkeep.objects.filter(at__gt=at, kind=UpkeepKind.BACKUP), (AT,)),
    "a text with signs": (lambda note: Upkeep.objects.filter(note=note), ("第1天 100% '%s' $1",)),
    "a sign that stands": (
        lambda at: Upkeep.objects.filter(note__contains="100%", at__lte=at).exclude(note__endswith="%s"), (AT,),
    ),
    "a word made of two": (
        lambda at: Upkeep.objects.filter(at=at).values_list(Concat("note", Value("%")), "data", "at"), (AT,),
    ),
    "one value alone": (lambda at: Upkeep.objects.filter(at__gte=at).order_by("-at").values_list("at", flat=True), (AT,)),
    "a list": (lambda kinds: Upkeep.objects.filter(kind__in=kinds).order_by("pk"), ([UpkeepKind.DRILL, "backup"],)),
    "a list longer than is drawn": (lambda at: Upkeep.objects.filter(at__in=at).order_by("pk"), ([AT] * (SHORT + 1),)),
    "a model": (lambda model, at: model.objects.filter(at=at), (Upkeep, AT)),
    "twice the same": (lambda at: Upkeep.objects.filter(models.Q(at=at) | models.Q(at__gt=at)).order_by("pk"), (AT,)),
    "some columns": (lambda at: Upkeep.objects.filter(at=at).only("note"), (AT,)),
    "the first": (lambda at: Upkeep.objects.filter(at__gte=at).order_by("at")[:1], (AT,)),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_every_sort_of_value_finds_what_django_finds(upkeep: list[Upkeep], name: str):
    rows, values = ASKED[name]
    ask = prepared(rows)
    for _again in range(7):  # PostgreSQL goes over to a plan for all values after the fifth
        found = ask(*values)
        assert found == list(rows(*values))
        assert len(found) > 0 or name == "a sign that stands"


def test_rows_are_those_of_the_moment_and_a_query_is_drawn_once_for_so_many_values(cast: Cast):
    asked: list[Any] = []

    def ask(code: str, users: Sequence[int]) -> QuerySet[Any]:
        asked.append(users)
        return of_users(code, users)

    rows_of = prepared(ask)
    (row,) = rows_of(cast.street.code, [cast.clerk.pk])
    assert row.role == Role.CLERK
    Membership.objects.filter(pk=row.pk).update(role=Role.AUDITOR)
    assert [one.role for one in rows_of(cast.street.code, users=[cast.clerk.pk])] == [Role.AUDITOR]
    assert [one.role for one in rows_of(cast.street.code, users=[cast.clerk.pk])] == [Role.AUDITOR]
    rows_of(cast.street.code, [cast.clerk.pk, cast.auditor.pk])
    rows_of(cast.street.code, [cast.auditor.pk, cast.clerk.pk])
    assert len(asked) == 3  # by its place, by its name, and two


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_a_connection_of_its_own(cast: Cast):
    rows_of, heard = prepared(of_users), list[Any]()
    here = rows_of(cast.street.code, [cast.clerk.pk])

    def ask() -> None:
        try:
            heard.append(rows_of(cast.street.code, [cast.clerk.pk]))
        finally:
            connection.close()

    other = Thread(target=ask)
    other.start()
    other.join()
    assert heard == [here]


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_and_a_transaction_taken_back_know_what_to_ask():
    rows_of = prepared(lambda name: Organisation.objects.filter(name=name))
    Organisation.objects.create(name="甲")
    with atomic():
        Organisation.objects.create(name="乙")
        assert (len(rows_of("甲")), len(rows_of("乙"))) == (1, 1)
        set_rollback(True)
    assert (len(rows_of("甲")), len(rows_of("乙"))) == (1, 0)
    connection.close()
    assert (len(rows_of("甲")), len(rows_of("乙"))) == (1, 0)


def begins(line: Any) -> None:
    """What a request does to a connection that was kept."""
    line.health_check_enabled, line.health_check_done = True, False


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_a_moment_ago_is_opened_anew_with_the_next_request():
    rows_of = prepared(lambda name: Organisation.objects.filter(name=name))
    Organisation.objects.create(name="甲")
    before = connection.connection
    for _request in range(3):
        begins(connection)
        assert len(rows_of("甲")) == 1
    assert connection.connection is before
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            ended = cursor.fetchone()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", ended)
        other.close()
    begins(connection)
    assert len(rows_of("甲")) == 1
    assert (connection.connection is before) == (connection.vendor == "sqlite")


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_database_is_djangos_and_a_transaction_that_it_broke_sends_nothing_more(cast: Cast):
    rows_of = prepared(lambda name: Organisation.objects.filter(name=name))
    rows_of("甲")
    with atomic():
        with pytest.raises(IntegrityError):
            Street.objects.create(organisation=cast.street.organisation, code=cast.street.code, name="又一个")
        set_rollback(True)
        with pytest.raises(TransactionManagementError):
            rows_of("甲")
    assert rows_of("甲") == []


def test_nothing_is_asked_with_none(db: None):
    with pytest.raises(TypeError):
        prepared(lambda name: Organisation.objects.filter(name=name))(None)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_within_a_transaction_alone():
    locked = prepared(lambda name: Organisation.objects.select_for_update().filter(name=name))
    with pytest.raises(TransactionManagementError):
        locked("甲")
    with atomic(), CaptureQueriesContext(connection) as asked:
        locked("甲")
    locks = any("FOR UPDATE" in one["sql"] for one in asked.captured_queries)
    assert locks == connection.features.has_select_for_update


def test_a_row_is_written_and_changed_as_django_writes_it(upkeep: list[Upkeep]):
    for row in upkeep:
        assert Upkeep.objects.get(pk=row.pk).data == {"n": [row.data["n"][0], None]}
    row = upkeep[0]
    row.note, row.data, row.well = "另一句 100%", {"b": "“二”"}, False
    row.save(update_fields=["note", "data"])
    kept = Upkeep.objects.get(pk=row.pk)
    assert (kept.note, kept.data, kept.well, kept.at) == ("另一句 100%", {"b": "“二”"}, True, AT)
    row.save()
    assert not Upkeep.objects.get(pk=row.pk).well
    row.note = Concat(F("note"), Value("！"))  # an expression goes by Django's own way
    row.save(update_fields=["note"])
    assert Upkeep.objects.get(pk=row.pk).note == "另一句 100%！"


def test_a_row_that_is_there_already_is_told_and_one_that_is_gone_too(cast: Cast):
    with pytest.raises(IntegrityError), atomic():
        Street.objects.create(organisation=cast.street.organisation, code=cast.street.code, name="又一个")
    gone = Organisation.objects.get(pk=cast.street.organisation_id)
    gone.pk = 0
    with pytest.raises(DatabaseError, match="did not affect any rows"), atomic():
        gone.save(update_fields=["name"])


def test_a_row_of_another_that_was_never_saved_is_refused_and_of_one_saved_later_kept(cast: Cast):
    organisation = Organisation(name="丙")
    street = Street(organisation=organisation, code="310118987", name="丙街道")
    with pytest.raises(ValueError, match="unsaved related object"):
        street.save()
    organisation.save()
    street.save()
    assert Street.objects.get(pk=street.pk).organisation == organisation
    street.organisation_id = cast.street.organisation_id
    street.save(update_fields=["organisation"])
    assert Street.objects.get(pk=street.pk).organisation == street.organisation == cast.street.organisation


def test_a_row_is_made_with_what_was_read_of_it_alone(cast: Cast, django_assert_num_queries: Any):
    found = Street.objects.only("code").get(pk=cast.street.pk)
    assert found.get_deferred_fields() >= {"name", "organisation_id"}
    assert (found._state.adding, found._state.db) == (False, connection.alias)
    with django_assert_num_queries(1):
        assert found.name == cast.street.name
    found.code = cast.street.code
    with pytest.raises(ValueError, match="do not exist"):
        found.save(update_fields=["nothing"])  # type: ignore[misc]


def test_columns_change_where_the_row_is_as_it_was(cast: Cast):
    head = TrailHead.objects.create(street=cast.street, hash="a1")
    assert change(TrailHead, {"seq": head.seq + 1, "recorded_at": AT}, id=head.pk, seq=head.seq) == 1
    assert change(TrailHead, {"seq": head.seq + 1}, id=head.pk, seq=head.seq) == 0
    kept = TrailHead.objects.get(street=cast.street)
    assert (kept.seq, kept.recorded_at, kept.hash) == (head.seq + 1, AT, head.hash)


def test_what_is_fixed_is_looked_at_and_each_value_of_it_is_a_query_of_its_own(upkeep: list[Upkeep]):
    @prepared
    def latest(kind: str, most: Fixed) -> QuerySet[Upkeep]:
        return Upkeep.objects.filter(kind=kind).order_by("-at")[: most.value]

    wanted = [row for row in reversed(upkeep) if row.kind == UpkeepKind.BACKUP]
    for most in (1, 2, 1):
        assert latest(UpkeepKind.BACKUP, Fixed(most)) == wanted[:most]


def test_as_many_queries_are_kept_as_may_be_and_one_that_went_is_drawn_anew(
    upkeep: list[Upkeep], monkeypatch: pytest.MonkeyPatch
):
    kept: dict[Any, Any] = {}
    monkeypatch.setattr(drawing, "_drawn", kept)
    monkeypatch.setattr(drawing, "MOST_DRAWN", 3)

    @prepared
    def latest(kind: str, most: Fixed) -> QuerySet[Upkeep]:
        return Upkeep.objects.filter(kind=kind).order_by("-at")[: most.value]

    for most in (1, 2, 3, 4, 5, 1):
        assert len(latest(UpkeepKind.BACKUP, Fixed(most))) == min(most, 2)
        assert len(kept) <= 3


@pytest.mark.postgres
def test_a_connection_keeps_as_many_plans_as_may_be_and_gives_up_the_oldest(
    upkeep: list[Upkeep], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hege.kernel.postgresql.base.MOST_KEPT", 3)

    @prepared
    def latest(kind: str, most: Fixed) -> QuerySet[Upkeep]:
        return Upkeep.objects.filter(kind=kind).order_by("-at")[: most.value]

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        before = cursor.fetchone()[0]
        for most in (11, 12, 13, 14, 11):
            assert len(latest(UpkeepKind.BACKUP, Fixed(most))) == 2
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] <= max(3, before)
