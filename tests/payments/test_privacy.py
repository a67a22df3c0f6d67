"""Nobody is forgotten while money of theirs is under way."""

from accounts.identity.models import User
from accounts.notifications.models import Notification
from accounts.tasks import erase as the_hour_comes
from tests.accounts.browsing import Api, an_app_of
from tests.payments.world import World


def test_money_is_paid_first_and_then_one_is_forgotten(world: World) -> None:
    performer = world.performer("Robin")
    world.earns(performer, "74.00")
    user = performer.user
    assert Api(token=an_app_of(user)).post("me/erasure").status_code == 201
    world.an_approved_run()
    world.wait(days=8)
    the_hour_comes()
    assert User.objects.get(pk=user.pk).is_active
    [waits] = Notification.objects.filter(user=user, title="You cannot be forgotten yet")
    assert "not in your bank yet" in waits.body
