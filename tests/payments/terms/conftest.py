"""A gig of a company that has nothing, and may come to draw on terms."""

import pytest

from marketplace.gigs.models import Gig
from tests import stories
from tests.payments.world import World, a_company


@pytest.fixture
def gig(world: World) -> Gig:
    """Of a company without money."""
    return stories.a_draft(a_company(wallet=0), funded_minor=0)
