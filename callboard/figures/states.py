"""The tone of each state: which of the few colours it takes, always with an icon and its word."""

from typing import Any

ICONS = {
    "settled": "check",
    "waiting": "clock",
    "held": "octagon-alert",
    "live": "radio",
    "done": "archive",
    "quiet": "circle-dashed",
}
# By the state's stored word. A word that is not here is quiet: it neither asks for anything nor promises anything.
TONES = {
    "settled": "published accepted active countersigned confirmed approved auto_approved locked paid settled "
    "succeeded available given time_recorded upheld remedied enabled agreed checked acknowledged not_taken",
    "waiting": "asked revising in_review submitted audition_requested audition_submitted shortlisted offered sent "
    "performer_signed onboarding booked performer_review client_review recorded draft_run frozen processing "
    "reopening applied pending started ready requested filed human_review check_in wrapped sending unknown opened arriving arrived",
    "held": "recalled suspended disputed held refused failed rejected terminated safety_stopped "
    "technical_failure performer_no_show company_no_show reversed late_cancelled",
    "live": "live on_hold paying",
    "done": "completed ended closed cancelled declined not_selected withdrawn expired lapsed superseded lost empty",
}
_TONE_OF = {state: tone for tone, states in TONES.items() for state in states.split()}


def tone(state: Any) -> str:
    return _TONE_OF.get(str(state), "quiet")


def label(thing: Any) -> str:
    """The state of `thing` in the words of its own table of states."""
    display = getattr(thing, "get_state_display", None)
    if display is not None:
        return str(display())
    state = getattr(thing, "state", thing)
    return str(getattr(state, "label", "")) or words(state)


def words(value: Any) -> str:
    """`late_cancelled` as `late cancelled`."""
    return str(value).replace("_", " ")
