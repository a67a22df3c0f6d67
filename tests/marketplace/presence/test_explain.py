from zoneinfo import ZoneInfo

import pytest

from kit.ranges import Span
from marketplace.presence.connections import Grade, Inference
from marketplace.presence.explain import explain_line
from marketplace.presence.lines import Code, Stretch
from marketplace.presence.policy import TimePolicy
from tests.marketplace.presence.test_policy import HOUSE

POLICY = TimePolicy.from_json(HOUSE)
# 2026-11-02T11:02:10Z to 11:03:05Z
SPAN = Span(1_793_617_330, 1_793_617_385)


def said(code: Code, because: str = "", span: Span = SPAN, zone: str = "UTC") -> str:
    line = Stretch(span, code, paid=True, grade=Grade.B, because=because)
    return explain_line(line=line, policy=POLICY, zone=ZoneInfo(zone))


class TestExplainLine:
    def test_says_that_the_connection_dropped_and_the_grace_filled_it(self) -> None:
        assert said(Code.GAP_FILLED, "SIGNAL_CLOSE") == (
            "Your connection dropped 11:02:10–11:03:05, filled by the 120 s grace."
        )

    def test_says_where_an_end_was_inferred(self) -> None:
        assert "where we last saw you" in said(Code.PRESENT, Inference.LEFT_LOST_LAST_POLL)

    def test_speaks_in_the_readers_zone_and_names_it_when_the_clock_changes(self) -> None:
        assert "06:02:10" in said(Code.PRESENT, zone="America/New_York")
        twice = said(Code.PRESENT, span=Span(1_793_511_000, 1_793_514_600), zone="America/New_York")
        assert "01:30:00 EDT" in twice
        assert "01:30:00 EST" in twice

    @pytest.mark.parametrize("code", Code)
    @pytest.mark.parametrize("because", ["", "CLIENT_INITIATED", "UNKNOWN_REASON", *Inference])
    def test_has_a_whole_sentence_for_every_code(self, code: Code, because: str) -> None:
        sentence = said(code, because)
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "11:02:10" in sentence
