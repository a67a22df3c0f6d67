"""Two in finance, and a run that the first of them has frozen."""

import pytest

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.keys import acting
from payments.payroll import operations
from payments.payroll.models import PayRun
from tests import stories
from tests.payments.world import World, a_week


@pytest.fixture
def fran(world: World) -> User:
    """The one in finance who freezes."""
    user = stories.a_member_of_staff(Staff.FINANCE)
    world.freezer = acting.of_user(user)
    return user


@pytest.fixture
def ana() -> User:
    """The other one."""
    return stories.a_member_of_staff(Staff.FINANCE)


@pytest.fixture
def run(world: World, fran: User) -> PayRun:
    world.earns(world.performer(), "100.00")
    opened = operations.close_week(week=a_week(), currency="usd", by=world.freezer, at=world.now)
    return operations.freeze(run=opened, by=world.freezer, at=world.now)
