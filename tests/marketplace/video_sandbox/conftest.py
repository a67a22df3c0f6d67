from collections.abc import Iterator

import pytest

from tests import stories
from tests.livekit import LiveKit


@pytest.fixture
def livekit() -> Iterator[LiveKit]:
    """At the stories' call, on a clock that stands still."""
    with LiveKit(at=stories.CALL).answering() as livekit:
        yield livekit
