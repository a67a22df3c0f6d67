"""How long and how many, of all that a company may say about a gig. Kept by the operations and by the database."""

from django.conf import settings

LONGEST_TITLE = 120
LONGEST_SCENE = 200
LONGEST_BRIEF = 6_000
LONGEST_CONTENT_NOTES = 1_000
LONGEST_AUDITION = 1_000
LONGEST_QUESTION = 300
LONGEST_REVIEW_NOTE = 1_000
LONGEST_PROMPT = 300
LONGEST_CONTENT_NOTE = 100
LONGEST_PROMPT_LINE = LONGEST_PROMPT + LONGEST_CONTENT_NOTE + len("for one:  // ")
LONGEST_SEARCH = 200
LONGEST_SEARCH_NAME = 60
MOST_SAVED_SEARCHES = 20
MOST_QUESTIONS = 10
MOST_PROMPTS = 40
HIGHEST_RATE_MINOR = 1_000_000
MOST_SEATS = 4
MOST_OPENINGS = 1_000
# A longer time before the camera is shown as what it is.
LONG_CAMERA_S = 4 * 3_600
SHORTEST_SESSION_S, LONGEST_SESSION_S = 900, 28_800
MOST_SESSIONS = 5_000
MOST_ANSWER_DAYS = 30

# The time policy: seconds, least and most. Within them a gig may differ from the house's.
POLICY_BOUNDS: dict[str, tuple[int, int]] = {
    "minimum_call_s": (0, LONGEST_SESSION_S),
    "grace_gap_s": (0, 900),
    "no_show_after_s": (300, 3_600),
    "overrun_limit_s": (0, 7_200),
    "meal_min_s": (900, 7_200),
    "rest_limit_s": (300, 3_600),
    "breach_pay_s": (3_600, 4 * 3_600),
}
# At most a quarter of a payday may be kept to recover what was overpaid (money/RULES.md, rule 6).
MOST_RECOVERY_BPS = 2_500
MOST_TIERS = 6
LONGEST_NOTICE_S = 30 * 86_400

BOUNDS: dict[str, tuple[int, int]] = {
    "rate_minor": (1, HIGHEST_RATE_MINOR),
    "seats": (1, MOST_SEATS),
    "openings": (1, MOST_OPENINGS),
    "session_s": (SHORTEST_SESSION_S, LONGEST_SESSION_S),
    "sessions_planned": (1, MOST_SESSIONS),
    "answer_days": (1, MOST_ANSWER_DAYS),
}


def longest_session_s() -> int:
    """The longest session that anybody may be booked for, in seconds: what a day on camera allows, where that is less."""
    return min(LONGEST_SESSION_S, int(settings.GUARANTEES["day_s"]))
