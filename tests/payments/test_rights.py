"""The house works with the rights of web and worker alone: people come, sign and are paid, and no row of the books gives way."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from accounts.audit import operations as audit
from accounts.audit.models import AuditEvent
from kit import clock
from marketplace.sessions import deliveries
from payments.control import audit as books
from payments.ledger.models import Posting
from payments.payroll.states import RunState
from payments.sandbox.sandbox import Sandbox
from tests import stories
from tests.payments.world import World

pytestmark = pytest.mark.usefixtures("as_the_house")


def test_a_week_is_worked_reviewed_and_paid(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(sandbox)
    world.stripe_has("100000.00")
    monkeypatch.setattr(clock, "now", world.clock)
    stories.everyone_confirms()
    robin = world.performer("Robin")
    world.earns(robin, "74.00", "37.50")
    assert world.pays().state == RunState.PAID
    assert audit.seal(at=world.now) > 0
    assert deliveries.ensure_partitions(at=timezone.now() + timedelta(days=3650)) == 8
    assert [result for result in books.run(at=world.now) if not result.ok] == []
    for rows in (Posting.objects.all(), AuditEvent.objects.all()):
        with pytest.raises(ProgrammingError) as refused:
            rows.delete()
        assert isinstance(refused.value.__cause__, InsufficientPrivilege)
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_posting DISABLE TRIGGER ALL")
