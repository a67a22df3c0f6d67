"""Pay goes out to who was vetted: it waits for who was not, and what a suspended performer has earned is paid."""

from accounts.performers.models import Performer
from payments.connect import operations as connect
from payments.payroll import holds, tasks
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests import stories
from tests.accounts.standing.doors import Person
from tests.payments.world import SYSTEM, World, sent_amounts, usd


def a_newcomer_with_an_account(world: World) -> Performer:
    performer = stories.completes_the_steps(stories.a_newcomer("Nell"))
    opened = connect.open_account(performer=performer, by=SYSTEM, at=world.now)
    world.control(f"accounts/{opened.stripe_id}/onboard")
    connect.refresh(account=opened, at=world.now)
    return performer


def test_waits_with_a_reason_until_its_performer_is_vetted(world: World) -> None:
    nell, robin = a_newcomer_with_an_account(world), world.performer("Robin")
    for performer in (nell, robin):
        world.earns(performer, "74.00")
    world.pays()
    item = PayItem.objects.get(performer=nell)
    assert (item.state, item.hold_code) == (ItemState.HELD, holds.NOT_VETTED)
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
    page = Person(nell.user, "page").reads("/pay/")
    assert "Talent operations have not approved this profile." in page
    assert holds.release_vetted(at=world.now) == 0
    stories.proves_identity(nell)
    stories.asks_to_be_vetted(nell)
    stories.is_vetted(nell)
    tasks.accrue()
    world.sweep()
    assert sent_amounts(world.transfers_to(nell)) == [usd("74.00")]


def test_is_paid_while_its_performer_is_suspended(world: World) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    stories.is_suspended(robin)
    world.pays()
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]


def test_is_paid_while_the_company_that_owes_it_is_suspended(world: World) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    stories.is_suspended(world.company)
    world.pays()
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
