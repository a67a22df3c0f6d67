"""What hangs on what, and what becomes of it when its parent ends: the one table, held by `tests/marketplace/endings`.

`becomes` says it in words for people; `told` names the news that go out. Where nothing is told, whoever is concerned did it
themselves or is told by the parent's own news.
"""

from dataclasses import dataclass

from accounts.notifications.news import News
from accounts.notifications.piece_kinds import PieceKind
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind
from kit.instants import length_in_words
from marketplace.casting.answering import SILENT_FOR
from marketplace.craft.keeping import KEPT_AFTER
from marketplace.messages.operations import OPEN_AFTER
from marketplace.works.keeping import KEPT_AFTER as PIECES_KEPT_AFTER


@dataclass(frozen=True)
class Row:
    """One parent, one way in which it ends, one kind of child."""

    parent: str
    end: str
    child: str
    becomes: str
    told: tuple[News, ...] = ()


TABLE = (
    Row("gig", "cancelled", "application", "answered: the gig ended", (WorkKind.NOT_SELECTED,)),
    Row("gig", "completed", "application", "refused while one waits for the company's answer"),
    Row(
        "gig",
        "over, or its company suspended",
        "application",
        f"answered by the house after {length_in_words(SILENT_FOR)}, saying so",
        (WorkKind.NOT_SELECTED, WorkKind.ANSWERED_FOR_YOU),
    ),
    Row("gig", "cancelled or completed", "offer", "answered: the gig ended", (WorkKind.NOT_SELECTED,)),
    Row(
        "gig",
        "cancelled or completed",
        "engagement",
        "terminated, with the gig's reason",
        (WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER,),
    ),
    Row(
        "gig",
        "cancelled",
        "session",
        "called off by the company, paid by the notice",
        (SessionKind.CALLED_OFF,),
    ),
    Row("gig", "cancelled or completed", "slot", "taken back", (SessionKind.SLOT_WITHDRAWN,)),
    Row("gig", "completed", "session", "refused while one is booked or runs"),
    Row("application", "withdrawn", "offer", "gone with it"),
    Row("application", "not selected", "offer", "refused while one stands: it is taken back first"),
    Row(
        "application",
        "withdrawn",
        "self-tape",
        "played by nobody from then on, and deleted with the next tick",
    ),
    Row(
        "application",
        "answered",
        "self-tape",
        f"played by its performer alone, and deleted after {length_in_words(KEPT_AFTER)}",
    ),
    Row("application", "answered", "messages", f"written for {length_in_words(OPEN_AFTER)} more"),
    Row("gig", "cancelled or completed", "self-tape", "as with each application's answer"),
    Row("self-tape", "another one took its place", "its files", "deleted"),
    Row("offer", "taken back", "application", "on the shortlist again", (WorkKind.OFFER_TAKEN_BACK,)),
    Row(
        "offer",
        "ran out",
        "application",
        "expired; it can be offered again, or applied for",
        (WorkKind.OFFER_EXPIRED,),
    ),
    Row(
        "engagement",
        "terminated",
        "application",
        "ended: its place is free, and the performer may apply again",
    ),
    Row("engagement", "terminated", "terms", "signed by nobody any more; what is signed stays"),
    Row(
        "engagement",
        "terminated",
        "seat",
        "called off by whoever ends it; paid by the notice where the company does",
        (SessionKind.CALLED_OFF, SessionKind.SEAT_FREE_TO_COMPANY, SessionKind.PARTNER_LEFT),
    ),
    Row(
        "engagement",
        "terminated",
        "piece that was asked for",
        "taken back; where the company ends it and a version lies there, that is handed in as it is",
        (
            PieceKind.PIECE_TAKEN_BACK_TO_PERFORMER,
            PieceKind.PIECE_TAKEN_BACK_TO_COMPANY,
            PieceKind.PIECE_SUBMITTED,
        ),
    ),
    Row(
        "engagement",
        "terminated",
        "piece in review",
        "answered as before; unanswered it is accepted and paid",
    ),
    Row("gig", "completed", "piece", "refused while one is asked for or in review"),
    Row("gig", "cancelled", "piece", "as with each engagement's end"),
    Row(
        "piece",
        "its last day",
        "commitment of the gig",
        "freed, as when it is taken back; of a refusal once it cannot be appealed any more",
        (PieceKind.PIECE_LAPSED_TO_PERFORMER, PieceKind.PIECE_LAPSED_TO_COMPANY),
    ),
    Row(
        "piece",
        "over",
        "its versions",
        f"deleted after {length_in_words(PIECES_KEPT_AFTER)}, but what was accepted: that lasts as long as its grants",
    ),
    Row(
        "engagement",
        "terminated",
        "session that runs",
        "played to its end, under the terms that it began with",
    ),
    Row("engagement", "terminated", "held seat of a slot", "anyone's"),
    Row("slot", "taken back", "held seat", "ended", (SessionKind.SLOT_WITHDRAWN,)),
    Row("slot", "taken back", "taken seat", "stays booked"),
    Row(
        "slot",
        "its call",
        "free seat",
        "lapsed; where nobody took one, no session takes place",
        (SessionKind.SLOT_LAPSED_TO_COMPANY,),
    ),
    Row(
        "session", "called off by the company", "offer of its free seats", "offered no more; over at its call"
    ),
    Row("pool", "ended", "open call that was offered to it", "stays offered to those who were in it"),
    Row("session", "called off by its last performer", "slot", "open to everyone else until its call"),
    Row("engagement", "paused", "session", "takes place; nothing new is booked"),
    Row("session", "called off", "seat", "released; its performer is free then", (SessionKind.CALLED_OFF,)),
    Row(
        "session",
        "called off by its last performer",
        "seat",
        "released",
        (SessionKind.CALLED_OFF_TO_COMPANY,),
    ),
    Row("session", "called off, or a seat of it", "proposal to move it", "withdrawn"),
    Row(
        "session",
        "its call",
        "proposal to move it",
        "lapsed: it takes place as booked",
        (SessionKind.NOT_MOVED_TO_PERFORMER,),
    ),
    Row(
        "session",
        "wrapped, stopped or failed",
        "mark",
        "runs no longer; it counts until each seat's own time is over",
    ),
    Row(
        "session",
        "stopped",
        "seat",
        "whoever was on the way can still say so",
        (SessionKind.STOPPED, SessionKind.STOPPED_TO_COMPANY),
    ),
    Row("session", "called off", "later session of its series", "stays, unless one calls off the rest too"),
    Row("seat", "called off", "session", "the others play; with its last seat the session is off"),
    Row("seat", "called off", "commitment of the gig", "freed but for what the notice pays"),
    Row(
        "timesheet",
        "went to the company",
        "line that comes late",
        "waits a day of its own from when both were told; the rest goes on",
        (TimeKind.LATE_LINE_TO_PERFORMER, TimeKind.LATE_LINE_TO_COMPANY),
    ),
    Row("line", "approved", "proposed hold", "gone with the review; a dispute or a correction is the way"),
)
