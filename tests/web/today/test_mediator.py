"""A mediator's first page: files by step, who has not signed, what is to be paid, the clocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.models import Dossier
from hege.mediation.rules import FileSource
from tests.agreements import ACCOUNT, write_particulars
from tests.cast import Cast, Row
from tests.web.office import words

pytestmark = pytest.mark.django_db
HERE = "/310117006/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def file(cast: Cast, row: Row) -> Dossier:
    """A mediation over a debt, accepted 25 days ago."""
    row.bill(fen=90_000)
    return open_file(
        row.street, source=FileSource.APPLICATION, subject="代收水费未缴", summary="没有交齐。", applicants=[cast.utility],
        respondents=[row.agent], point=row.point, mediator=cast.mediator, by=cast.mediator,
        at=at_noon(clock.today() - 25 * DAY),
    )  # fmt: skip


def main(client: Client, cast: Cast) -> str:
    """What the page says beside its frame; at most twelve statements."""
    client.force_login(cast.mediator)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(HERE)
    assert answer.status_code == 200
    assert len(asked) <= 12, len(asked)
    return words(answer).partition("<main")[2].partition("</main>")[0]


def test_nothing_in_mediation_is_said(client: Client, cast: Cast):
    page = main(client, cast)
    assert "没有在调解的纠纷" in page
    assert "现在没有在走的钟。" in page


def test_each_step_has_who_is_waited_for_and_its_verb(client: Client, cast: Cast, row: Row, file: Dossier):
    here, today = f"{HERE}mediation/{file.public_id}/", clock.today()
    page = main(client, cast)
    assert "1 件在调解，先看“代收水费未缴”" in page
    assert "您还没告知权利" in page
    assert "满一个月，剩 5 天" in page
    assert f'href="{here}rights/"' in page
    who: dict[str, Any] = {"by": cast.mediator, "at": at_noon(today - 2 * DAY)}
    told = tell_rights(file, text="当面宣读。", **who)
    assert f'href="{here}session/"' in main(client, cast)
    record_session(told, text="愿意分期。", present="双方", **who)
    told.refresh_from_db()
    write_particulars(told, **who)
    mediation.draft_agreement(
        told, debtor=row.agent, debt_fen=90_000, instalments=[(today + 10 * DAY, 40_000), (today + 40 * DAY, 50_000)],
        pay_to=ACCOUNT, facts="没有交。", terms="分期付清。", difference="双方认可。", **who,
    )  # fmt: skip
    assert "等谈拢，写草案" in main(client, cast)
    mediation.print_agreement(told, **who)
    assert "“代收水费未缴”还差 2 个签名" in main(client, cast)
    mediation.sign_agreement(told, signed={cast.utility: today - DAY}, **(who | {"at": at_noon(today)}))
    page = main(client, cast)
    assert "还没签：二房东" in page
    assert f'href="{here}sign/"' in page
    mediation.sign_agreement(
        told, signed={row.agent: today}, mediator_signed_on=today, by=cast.mediator, at=at_noon(today)
    )
    assert "都签了，等登记" in main(client, cast)
    mediation.record_agreement(told, sealed_on=today, by=cast.mediator, at=at_noon(today))
    page = main(client, cast)
    assert "第 1 期 400.00 元" in page
    assert "申请司法确认" in page


def test_a_month_that_is_over_is_said(client: Client, cast: Cast, row: Row):
    open_file(
        row.street, source=FileSource.APPLICATION, subject="噪声", summary="太吵。", applicants=[cast.utility],
        respondents=[row.agent], point=row.point, mediator=cast.mediator, by=cast.mediator,
        at=at_noon(clock.today() - 33 * DAY),
    )  # fmt: skip
    assert "超过 3 天" in main(client, cast)
