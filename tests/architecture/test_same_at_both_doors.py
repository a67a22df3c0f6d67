"""What a page refuses the API refuses, and the other way round: the same wrong input changes nothing at either door."""

from collections.abc import Callable

import pytest
import time_machine

from tests.architecture.both_doors import of_accounts, of_marketplace, of_payments, of_standing
from tests.architecture.both_doors.both import Both, take_and_refuse_the_same

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
OPERATIONS = (
    *of_accounts.OPERATIONS,
    *of_standing.OPERATIONS,
    *of_marketplace.OPERATIONS,
    *of_payments.OPERATIONS,
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_both_doors_take_and_refuse_the_same(operation: Callable[[], Both]) -> None:
    both = operation()
    with time_machine.travel(both.at):
        take_and_refuse_the_same(both)
