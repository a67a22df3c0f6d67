import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.management.commands.fold_presence import Command
from marketplace.presence import array_file
from marketplace.presence.array_file import UnreadableFile, read_array
from marketplace.presence.replay import Summary, UnreadableWeek, replay_week

WEEK = Path(__file__).parent / "week"
SESSIONS, DELIVERIES = WEEK / "sessions.json", WEEK / "deliveries.jsonl"
EXPECTED = (WEEK / "expected.csv").read_text()


def replay(sessions: Path, deliveries: Path) -> tuple[str, Summary]:
    out = io.StringIO()
    summary = replay_week(sessions=sessions, deliveries=deliveries, out=out)
    return out.getvalue(), summary


class TestReplayWeek:
    def test_writes_what_was_expected_to_the_byte(self) -> None:
        written, summary = replay(SESSIONS, DELIVERIES)
        assert written == EXPECTED
        assert (summary.sessions, summary.seats, summary.deliveries) == (80, 162, 4696)
        assert summary.unknown_rooms == {}

    def test_does_not_mind_the_order_of_arrival(self, tmp_path: Path) -> None:
        lines = DELIVERIES.read_text().splitlines()
        random.Random(3).shuffle(lines)
        mixed = tmp_path / "mixed.jsonl"
        mixed.write_text("\n\n".join(lines))
        assert replay(SESSIONS, mixed)[0] == EXPECTED

    def test_counts_deliveries_for_rooms_that_no_session_names(self, tmp_path: Path) -> None:
        week = json.loads(SESSIONS.read_text())
        fewer = tmp_path / "sessions.json"
        # The last call of the week is no other session's next.
        gone = max(week, key=lambda session: str(session["call_at"]))
        fewer.write_text(json.dumps([session for session in week if session is not gone]))
        written, summary = replay(fewer, DELIVERIES)
        assert list(summary.unknown_rooms) == [gone["room"]]
        assert summary.unknown_rooms[gone["room"]] > 0
        kept = [line for line in EXPECTED.splitlines() if not line.startswith(gone["session"])]
        assert written.splitlines() == kept

    def test_two_sessions_may_share_a_room(self, tmp_path: Path) -> None:
        week = json.loads(SESSIONS.read_text())
        twice = tmp_path / "sessions.json"
        twice.write_text(json.dumps([week[0], week[0] | {"session": "ses_again"}]))
        first, second = replay(twice, DELIVERIES)[0].splitlines()[1:]
        assert first.split(",")[2:] == second.split(",")[2:]

    def test_names_file_and_line_of_all_that_cannot_be_read_and_writes_nothing(self, tmp_path: Path) -> None:
        lines = DELIVERIES.read_text().splitlines()
        lines[4] = lines[4][:50]
        lines[6] = json.dumps({"received_at": "2026-11-02T03:35:01Z"})
        lines[9] = '{"poll": {"room": "\\ud800", "at": "2026-11-02T03:35:01Z", "participants": []}}'
        lines[11] = "[" * 100_000
        broken = tmp_path / "broken.jsonl"
        broken.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
        out = io.StringIO()
        with pytest.raises(UnreadableWeek) as refused:
            replay_week(sessions=SESSIONS, deliveries=broken, out=out)
        told = [line.split(": ")[0] for line in str(refused.value).splitlines()]
        assert told == [f"{broken}:{line}" for line in (5, 7, 10, 12, len(lines) + 1)]
        assert out.getvalue() == ""

    def test_tells_the_first_faults_and_counts_the_rest(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.jsonl"
        broken.write_text("no\n" * 1_000)
        with pytest.raises(UnreadableWeek, match="and 980 more"):
            replay(SESSIONS, broken)

    @pytest.mark.parametrize(
        "change",
        [
            {"call_at": "2026-11-05T10:45:00"},
            {"status": "postponed"},
            {"status": "cancelled"},
            {"scheduled_end_at": "2026-11-05T10:44:59Z"},
            {"policy": {}},
            {"seats": None},
            {"seats": [{"performer": "p", "pay_rate_minor": 1, "currency": "usd"}] * 2},
            {"seats": [{"performer": "p", "pay_rate_minor": 1, "currency": "Dollar"}]},
            {
                "marks": [
                    {"kind": "nap", "started_at": "2026-11-05T10:45:00Z", "ended_at": "2026-11-05T10:45:00Z"}
                ]
            },
            {
                "marks": [
                    {"kind": "rest", "started_at": "2026-11-05T10:45:01Z", "ended_at": "2026-11-05T10:45:00Z"}
                ]
            },
            {"session": "ses_7_0001"},
            {"session": "ses_\ud800"},
            {"seats": [{"performer": "prf_\ud800", "pay_rate_minor": 1, "currency": "usd"}]},
        ],
    )
    def test_names_the_line_of_a_session_that_does_not_hold(
        self, change: dict[str, Any], tmp_path: Path
    ) -> None:
        week = json.loads(SESSIONS.read_text())
        broken = tmp_path / "sessions.json"
        broken.write_text("[\n" + ",\n".join(map(json.dumps, [*week[1:], week[0] | change])) + "\n]")
        with pytest.raises(UnreadableWeek, match=f"{broken}:81: "):
            replay(broken, DELIVERIES)


class TestReadArray:
    @pytest.mark.parametrize("chunk", [1, 2, 7, 64])
    def test_gives_each_object_with_its_line_whatever_is_read_at_once(
        self, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(array_file, "CHUNK", chunk)
        path = tmp_path / "list.json"
        path.write_text('\n[\n {"a": 1,\n "b": "]}é"} , {"c": {}}\n,{}\n] \n')
        assert list(read_array(path)) == [(3, {"a": 1, "b": "]}é"}), (4, {"c": {}}), (5, {})]

    def test_of_an_empty_list_is_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_text(" [ ] ")
        assert list(read_array(path)) == []

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("", 1),
            ("{}", 1),
            ("[\n{}\n", 3),
            ("[\n{},\n]", 3),
            ("[\n{} {}]", 2),
            ("[1]", 1),
            ("[\n{}]\n\nx", 4),
        ],
    )
    def test_says_on_which_line_the_list_goes_wrong(self, text: str, line: int, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_text(text)
        with pytest.raises(UnreadableFile) as refused:
            list(read_array(path))
        assert refused.value.line == line

    def test_refuses_what_is_not_utf_8(self, tmp_path: Path) -> None:
        path = tmp_path / "list.json"
        path.write_bytes(b'[{"a": "\xff"}]')
        with pytest.raises(UnreadableFile, match="UTF-8"):
            list(read_array(path))


class TestFoldPresenceCommand:
    def run(self, out: Path, deliveries: Path = DELIVERIES) -> tuple[str, str]:
        said, warned = io.StringIO(), io.StringIO()
        options = {"sessions": SESSIONS, "deliveries": deliveries, "out": out, "json": True}
        call_command(Command(stdout=said, stderr=warned), **options)
        return said.getvalue(), warned.getvalue()

    def test_writes_the_answer_and_prints_a_summary(self, tmp_path: Path) -> None:
        said, warned = self.run(tmp_path / "answer.csv")
        summary = json.loads(said)
        assert (tmp_path / "answer.csv").read_text() == EXPECTED
        assert (summary["seats"], summary["inferred"], summary["worked_s"]) == (162, 25, 480_147)
        assert warned == ""
        assert [path.name for path in tmp_path.iterdir()] == ["answer.csv"]

    def test_warns_of_deliveries_for_unknown_rooms(self, tmp_path: Path) -> None:
        more = tmp_path / "more.jsonl"
        stray = {"poll": {"room": "elsewhere", "at": "2026-11-02T03:35:01Z", "participants": []}}
        more.write_text(DELIVERIES.read_text() + json.dumps(stray) + "\n")
        assert "elsewhere (1)" in self.run(tmp_path / "answer.csv", more)[1]
        assert (tmp_path / "answer.csv").read_text() == EXPECTED

    def test_leaves_the_old_answer_where_it_cannot_make_a_new_one(self, tmp_path: Path) -> None:
        answer, broken = tmp_path / "answer.csv", tmp_path / "broken.jsonl"
        answer.write_text("old")
        broken.write_text("{")
        with pytest.raises(CommandError, match=f"{broken}:1: "):
            self.run(answer, broken)
        assert answer.read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.csv", "broken.jsonl"]

    def test_says_so_where_a_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="missing"):
            self.run(tmp_path / "answer.csv", tmp_path / "missing.jsonl")
