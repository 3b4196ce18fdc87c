"""代收人的说法, over pages: told with a picture, waiting in the menu, taken up or left by the street."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hege.billing.agent.rules import AgentWordKind, AgentWordState
from hege.billing.models import AgentWord
from hege.people.models import Role
from tests.attachments.files import picture
from tests.web.office import Office

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AGENT, CO, CLERK, GRID = Role.AGENT, Role.COORDINATOR, Role.CLERK, Role.GRID_WORKER


def latest(kind: AgentWordKind) -> AgentWord:
    return AgentWord.objects.filter(kind=kind).latest("pk")


def test_an_agent_tells_with_a_picture_and_the_street_takes_it_up(office: Office):
    point = office.things.row.point
    assert "记一笔收的" in office.get(AGENT, "today:index")
    paper = SimpleUploadedFile("收据.jpg", picture(), content_type="image/jpeg")
    shop = office.things.row.tenancies[0]
    office.done(AGENT, "agent:collected", point.code, tenancy=shop.pk, on="2026-03-08", fen="88.00", papers=paper)
    word = latest(AgentWordKind.COLLECTED)
    seen = office.get(CLERK, "agent:detail", word.public_id)
    assert all(word in seen for word in ("88.00", "收据.jpg", "采用"))
    assert "等街道看" in office.get(AGENT, "agent:detail", word.public_id)
    assert office.status(GRID, "agent:take", word.public_id) == 403
    office.done(CLERK, "agent:take", word.public_id)
    word.refresh_from_db()
    booked = office.get(AGENT, "meters:transaction", point.code, word.transaction_id)
    assert all(word in booked for word in ("单方说", "代收人怎么说", "街道采用了"))


def test_what_may_stand_in_the_book_already_asks_for_a_tick(office: Office):
    point, shop = office.things.row.point, office.things.row.tenancies[0]
    office.done(AGENT, "agent:collected", point.code, tenancy=shop.pk, on="2026-03-01", fen="90.00")  # as is booked
    word = latest(AgentWordKind.COLLECTED)
    assert "可能就是这一笔" in office.refused(CO, "agent:take", word.public_id)
    office.done(CO, "agent:take", word.public_id, another="on")


def test_a_denial_waits_and_the_reason_against_it_is_read_by_the_agent(office: Office):
    point, line = office.things.row.point, office.things.transaction
    office.done(AGENT, "agent:deny", point.code, line.pk, text="没有收过这笔钱")
    word = latest(AgentWordKind.DENIED)
    assert "没有收过这笔钱" in office.get(CO, "meters:transaction", point.code, line.pk)
    office.refused(CO, "agent:leave", word.public_id, note="")
    office.done(CO, "agent:leave", word.public_id, note="微信记录写明是水费")
    word.refresh_from_db()
    assert word.state == AgentWordState.LEFT
    assert "微信记录写明是水费" in office.get(AGENT, "agent:detail", word.public_id)
