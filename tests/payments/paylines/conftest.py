import pytest

from tests.payments.paylines.stage import Stage
from tests.payments.world import World


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)
