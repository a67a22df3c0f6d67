"""The agreement says the gig's own figures, to the second and the percent; whoever signs reads what will be reckoned."""

from datetime import date
from typing import Any

from kit.money import Money
from marketplace.agreements.compose import agreement
from marketplace.engagements.reading import parts

POLICY: dict[str, Any] = {
    "minimum_call_s": 5400,
    "no_show_after_s": 905,
    "grace_gap_s": 0,
    "meal_min_s": 1800,
    "overrun_limit_s": 900,
    "rest_limit_s": 3600,
    "cancel_tiers": [[172_800, 0], [86_400, 5000], [0, 10_000]],
}


def said(heading: str, **changes: Any) -> str:
    """What stands under one heading, in plain words; of the title, who the two are."""
    terms: dict[str, Any] = {
        "company": "Northlight",
        "performer": "Ada Quill",
        "title": "Two strangers in a lift",
        "rate": Money(7400, "usd"),
        "policy": POLICY,
        "purposes": ["evaluation", "foundation_training"],
        "exclusive": False,
        "self_directed": False,
        "starts_on": date(2026, 11, 2),
        "ends_on": date(2027, 1, 31),
    }
    (part,) = [part for part in parts(agreement(**(terms | changes))) if part.heading == heading]
    return part.plain or " ".join(part.paragraphs)


def test_names_the_two_the_days_and_the_rate() -> None:
    assert said("Two strangers in a lift") == (
        "Between Northlight (the company) and Ada Quill (the performer)."
    )
    assert "from Mon 2 Nov 2026 to Sun 31 Jan 2027" in said("Work")
    assert said("Pay").startswith("74.00 USD an hour, counted to the second")


def test_says_each_length_of_time_as_it_will_be_reckoned() -> None:
    assert said("Time") == (
        "A session pays at least 1 h 30 min to whoever comes within 15 min 5 s of the call. Gaps in a connection of up to "
        "0 s are paid. Rests of up to 1 h and holds are paid; a meal of 30 min or more is not. Overrun is paid up to 15 min. "
        "If the company does not come, the whole slot is paid. What was paid too much is never kept from later pay."
    )
    without_limit = {name: value for name, value in POLICY.items() if name != "rest_limit_s"}
    assert " Rests and holds are paid; " in said("Time", policy=without_limit)


def test_says_who_directs_where_the_performer_is_alone() -> None:
    assert said("Work", self_directed=True).endswith(
        " You direct yourself: nobody of the company need be there."
    )
    time = said("Time", self_directed=True)
    assert "whether the company came or not" in time
    assert "If the company does not come" not in time
    assert "direct" not in said("Work")


def test_says_how_much_of_a_payday_may_be_kept_for_what_was_too_much() -> None:
    said_of_it = said("Time", policy=POLICY | {"recovery_cap_bps": 1_250})
    assert said_of_it.endswith("at most 12.5 % of a payday is kept until it is even.")


def test_says_what_calling_off_pays_by_the_notice() -> None:
    assert said("Calling off") == (
        "When the company calls a session off, it pays: with at least 48 h notice, nothing; with at least 24 h notice, 50 % "
        "of the minimum call; later than that, 100 % of the minimum call. When the performer does, nothing is owed."
    )


def test_every_purpose_is_either_asked_for_or_refused() -> None:
    granted, refused = said("Rights").split(" Everything else stays refused: ")
    assert granted.startswith(
        "The company asks for these uses of recordings: Evaluate a model; Train a foundation model."
    )
    assert granted.endswith("without any grant nothing is recorded.")
    assert "Evaluate" not in refused
    assert refused.count(";") == 7
    assert said("Rights", purposes=[]).startswith(
        "The company asks for no use of recordings, so none is made."
    )


def test_says_whether_it_binds_to_this_gig_alone() -> None:
    assert said("Exclusivity") == "None."
    assert said("Exclusivity", exclusive=True) == "For the time of the gig, no like work for others."


def test_what_stands_before_any_heading_is_a_part_without_one() -> None:
    found = parts("As agreed.\n\n## X and Y\n One. ")
    assert [(part.heading, list(part.paragraphs)) for part in found] == [
        ("", ["As agreed."]),
        ("X and Y", ["One."]),
    ]
