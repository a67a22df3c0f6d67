"""One explanation from the bank back to the seconds, for whom it concerns and nobody else."""

import pytest

from accounts.keys import acting
from kit.errors import NotFound
from payments.connect import operations as connect
from payments.payouts.models import Transfer
from payments.payroll.models import Earning, PayItem
from payments.statements.explain import explain
from tests import stories
from tests.payments.world import SYSTEM, World


@pytest.fixture
def paid(world: World) -> World:
    """A pair that played a real session, paid."""
    session = stories.a_pair_booked()
    stories.an_approved_week(session)
    for seat in session.seats.select_related("performer__user"):
        opened = connect.open_account(performer=seat.performer, by=SYSTEM, at=world.now)
        world.control(f"accounts/{opened.stripe_id}/onboard")
        connect.refresh(account=opened, at=world.now)
    world.pays()
    return world


class TestExplain:
    def test_goes_from_the_transfer_down_to_the_seconds(self, paid: World) -> None:
        steps = explain(thing=Transfer.objects.order_by("id")[0].stripe_id, actor=SYSTEM)
        kinds = [step.kind for step in steps]
        assert kinds[:5] == ["transfer", "attempt", "item", "earning", "line"]
        assert "5,400 payable seconds × 74.00 USD an hour = 111.00 USD" in " ".join(
            step.sentence for step in steps
        )
        assert kinds[-1] == "seconds"

    @pytest.mark.parametrize("start", ["item", "attempt", "transfer", "earning", "line", "run"])
    def test_starts_anywhere(self, paid: World, start: str) -> None:
        item = PayItem.objects.order_by("id")[0]
        earning = Earning.objects.filter(performer=item.performer)[0]
        assert earning.line is not None
        thing = {
            "item": item.public_id,
            "attempt": item.attempts.get().public_id,
            "transfer": item.transfer_id,
            "earning": earning.public_id,
            "line": earning.line.public_id,
            "run": item.run.public_id,
        }[start]
        assert explain(thing=thing, actor=SYSTEM)[-1].kind == "seconds"

    def test_is_nobody_elses(self, paid: World) -> None:
        item = PayItem.objects.select_related("performer__user").order_by("id")[0]
        assert explain(thing=item.public_id, actor=acting.of_user(item.performer.user))
        for stranger in (acting.of_user(stories.a_performer().user), stories.owner_of(stories.a_company())):
            with pytest.raises(NotFound):
                explain(thing=item.public_id, actor=stranger)

    @pytest.mark.parametrize("junk", ["", "x", "itm_zzz", "tr_", "po_nobody", "lin_\x00", "🎭", "run_01"])
    def test_junk_is_nothing(self, paid: World, junk: str) -> None:
        with pytest.raises(NotFound):
            explain(thing=junk, actor=SYSTEM)
