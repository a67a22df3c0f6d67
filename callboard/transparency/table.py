"""What the house decides by itself about people: each decision with its figures, and the human who answers for it.

Directive (EU) 2024/2831 asks a platform for it. A test holds the table against the calendar: a tick that stands in neither
`DECISIONS` nor `DECIDES_NOTHING` fails it. Figures are read where the code reads them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from kit.instants import length_in_words
from marketplace.agreements.coverage import PAID_WITHIN_DAYS
from marketplace.casting.answering import SILENT_FOR
from marketplace.casting.operations import AUDITION_WITHIN, OFFER_STANDS
from marketplace.endings.debts import PLAYED_WITHIN
from marketplace.gigs.operations import HOUSE_POLICY
from marketplace.sessions.moving import ANSWERED_WITHIN
from marketplace.slots.stand_ins import SOUGHT, WORTH_COMING
from payments.identity_checks.fingerprints import OF_AGE
from payments.payouts.pay_days import WARNS_BEFORE
from payments.payroll.holds import WAITS_FOR_ACCOUNT

TALENT, FINANCE, ADMIN = "Talent operations", "Finance", "House administration"


@dataclass(frozen=True)
class Decision:
    """`ticks`: the tasks, and where they have several the step, that carry it out. `figures` is read when it is shown."""

    name: str
    what: str
    figures: Callable[[], str]
    answers: str
    objecting: str
    ticks: tuple[str, ...]


def _lasts(length: timedelta) -> Callable[[], str]:
    return lambda: length_in_words(length)


DISPUTE = "Dispute the line in your week; a person decides."
APPEAL = "Write to talent operations, or appeal; another person than the first decides."
MONEY = "Write to finance from your pay page; a person looks and answers."

DECISIONS = (
    Decision(
        "A week goes on by itself",
        "A week that its performer or its company does not answer in time goes on, or is approved as it stands. Silence never "
        "lowers pay.",
        lambda: (
            f"At least {length_in_words(settings.PERFORMER_REVIEW)} for the performer and "
            f"{length_in_words(settings.COMPANY_REVIEW)} for the company, from when each was told."
        ),
        TALENT,
        DISPUTE,
        (
            "timekeeping.calendar:open_reviews",
            "timekeeping.calendar:submit_due",
            "timekeeping.calendar:auto_approve_due",
        ),
    ),
    Decision(
        "A dispute that nobody answers",
        "A performer's dispute that the company leaves unanswered is decided as claimed, a company's that the performer leaves "
        "unanswered as recorded: silence never lowers pay.",
        lambda: f"After {length_in_words(settings.DISPUTE_ANSWER)}.",
        TALENT,
        "Correct the line; a person decides.",
        ("timekeeping.calendar:decide_unanswered",),
    ),
    Decision(
        "Who came, and for how long",
        "Time, lateness and a no-show are reckoned from the video provider's word and the house's own polls "
        "of who is in the room. "
        "What is seen or heard in a recording plays no part.",
        lambda: (
            f"Whoever comes within {length_in_words(timedelta(seconds=HOUSE_POLICY['no_show_after_s']))} of the call has come, "
            "unless the gig allows longer."
        ),
        TALENT,
        DISPUTE,
        ("presence.sweep", "presence.poll", "sessions.calendar:ring_overdue"),
    ),
    Decision(
        "A piece goes on by itself",
        "A commissioned piece that its company does not answer in time is accepted and paid; one that is not handed in lapses, and "
        "counts against nobody. A person alone refuses one.",
        lambda: (
            f"{length_in_words(settings.PIECE_REVIEW)} for the company; {length_in_words(settings.PIECE_LATE)} after its day for "
            f"who makes it; {length_in_words(settings.PIECE_CONTEST)} to appeal a refusal."
        ),
        TALENT,
        "Appeal the refusal on the piece's own page; another person than the first decides.",
        ("works.calendar:decide", "works.calendar:lapse", "works.calendar:free_refused"),
    ),
    Decision(
        "An offer or an audition runs out",
        "An offer that is not answered ends, and so does the wait for a self-tape. Neither counts against anybody.",
        lambda: (
            f"{length_in_words(OFFER_STANDS)} for an offer, {length_in_words(AUDITION_WITHIN)} for a self-tape."
        ),
        TALENT,
        "Ask the company to offer again; or appeal.",
        ("casting.expire:expire",),
    ),
    Decision(
        "An engagement becomes active",
        "Once both have signed and the performer's steps are done, sessions can be booked.",
        lambda: "No figure: every step is on your page.",
        TALENT,
        APPEAL,
        ("sessions.calendar:activate_ready",),
    ),
    Decision(
        "Another time that is not agreed to",
        "A proposal to move a session lapses where not everybody answers; the session stays where it was.",
        _lasts(ANSWERED_WITHIN),
        TALENT,
        "Write to the company in the house; talent operations read it with you.",
        ("sessions.calendar:lapse_moves",),
    ),
    Decision(
        "A stand-in is sought",
        "Where a performer does not come in time, the place is offered to others of the cast, in no order "
        "but who says yes first: "
        "engaged in the gig, free, awake and within the week's hours. No rating is looked at, for there is none.",
        lambda: f"For {length_in_words(SOUGHT)}, while {length_in_words(WORTH_COMING)} or more are left.",
        TALENT,
        DISPUTE,
        ("slots.calendar:seek_due", "slots.calendar:close_due"),
    ),
    Decision(
        "Open calls and held seats end",
        "An open call closes when its time has come, follows its session when that is moved, and a held seat "
        "is free again when its "
        "time is over.",
        lambda: "The times that the company set, shown on the call.",
        TALENT,
        "Write to the company in the house; talent operations read it with you.",
        (
            "slots.calendar:follow_moved",
            "slots.calendar:end_holds",
            "slots.calendar:lapse_slots",
        ),
    ),
    Decision(
        "Sessions of a company that owes money are called off",
        "What is booked is called off, and paid by the notice, where its company does not pay what it owes.",
        lambda: f"Calls within {length_in_words(PLAYED_WITHIN)} are still played and paid.",
        FINANCE,
        MONEY,
        ("endings.debts",),
    ),
    Decision(
        "Pay is reckoned, held and sent",
        "Approved work becomes pay; pay waits where money could go astray, and goes out by itself once the "
        "reason is over. Who approves "
        "a pay run is always a person, and never the one who froze it.",
        lambda: (
            f"{len(WAITS_FOR_ACCOUNT)} reasons that end by themselves; "
            f"{length_in_words(settings.BANK_CHANGE_REST)} of rest after a "
            f"bank account was changed; at most {PAID_WITHIN_DAYS} days after a session, and finance is told "
            f"{WARNS_BEFORE.days} days before."
        ),
        FINANCE,
        MONEY,
        (
            "payroll.accrue",
            "payouts.sweep",
            "payouts.settle",
            "payouts.reversals",
            "payouts.watchdog",
            "connect.sweep",
        ),
    ),
    Decision(
        "Lines beside time that nobody answers",
        "A bonus that a grant promises, and the pay for a broken guarantee, come by themselves. What was "
        "proposed and not answered "
        "lapses; an expense goes to talent operations; a deduction is never taken without the performer's yes.",
        lambda: (
            f"{length_in_words(timedelta(seconds=HOUSE_POLICY['breach_pay_s']))} of pay for each guarantee and day."
        ),
        FINANCE,
        MONEY,
        ("paylines.sweep", "paylines.watch"),
    ),
    Decision(
        "The identity partner's word is taken over",
        "Whether somebody is of age, and is who they say, is told by the identity partner.",
        lambda: f"{OF_AGE} years.",
        TALENT,
        APPEAL,
        ("identity.sweep",),
    ),
    Decision(
        "A company that answers nobody is answered for",
        "Applicants of a company that is suspended, or of a gig that is past its last day, get a no that says so; it says nothing "
        "of them, and they may apply elsewhere at once.",
        lambda: f"After {length_in_words(SILENT_FOR)}.",
        TALENT,
        APPEAL,
        ("casting.expire:answer_for_the_silent",),
    ),
    Decision(
        "A use of recordings ends by itself",
        "What was granted for a time ends with it, or where a move makes it unlawful; copies are recalled, "
        "and a recording for which "
        "nothing is granted is deleted.",
        lambda: (
            f"The days in each grant; {length_in_words(settings.MEDIA_COOLING_OFF)} before a recording is deleted."
        ),
        TALENT,
        "Grant it again, or write to talent operations before the days are over.",
        ("rights.sweep:expire", "deliveries.sweep:recall", "deliveries.sweep:chase", "media.sweep"),
    ),
)

# Ticks that carry a letter, count, or keep house: nobody's standing, booking or pay changes by them.
DECIDES_NOTHING = {
    "webhooks.sweep": "reads what Stripe says; what follows stands above",
    "notifications.sweep": "sends mail",
    "gigs.searches": "sends mail to whoever asked for it",
    "outgoing.sweep": "tells a company's systems what its people are told; one that nobody reaches is stopped and they hear of it",
    "outgoing.forget": "lets go of what was sent",
    "desk.pace": "counts how soon companies answer and pay",
    "fairness.reckon": "counts how a month went, for everybody to read",
    "invoicing.sweep": "writes invoices and receipts of what was charged and paid already",
    "dunning.sweep": "reminds a company of what it has to pay by when",
    "books.sweep": "sums days that are over, and looks whether closed months still agree",
    "notifications.invitations": "sends mail; an invitation ends on the day that it names",
    "notifications.security": "sends mail; a recovery ends on the day that it names",
    "video.forget": "forgets how pages found each other",
    "works.sweep": "looks whether a file is a recording; no piece is rated",
    "works.calendar:remind": "sends mail",
    "works.calendar:let_go_of_what_is_over": "deletes versions of pieces that are over, by the days that stand on their page",
    "craft.sweep": "looks whether a file is a recording, and lets go of what is over; no tape is rated",
    "funding.sweep": "follows a company's payments",
    "reconciliation.tick": "compares the books with Stripe's",
    "control.audit": "looks whether the house's rules hold; stops payouts where one does not",
    "appeals.overdue": "reminds a person of an appeal",
    "audit.seal": "seals the trail",
    "privacy.sweep": "carries out what a person asked for",
    "privacy.retention": "lets go of what is kept no longer",
    "agreements.papers": "prints what was signed",
    "rights.sweep:issue_owed": "writes receipts",
    "deliveries.sweep:build_due": "puts files together",
    "casting.expire:remind_of_answers": "sends a reminder",
    "casting.expire:remind_of_offers": "sends a reminder",
    "casting.expire:remind_of_auditions": "sends a reminder",
    "sessions.calendar:ensure_partitions": "makes room in the tables",
    "sessions.calendar:drop_days": "lets go of what is kept no longer",
    "sessions.calendar:remind_of_calls": "sends a reminder",
    "slots.calendar:tell_of_reopened": "tells of a free seat",
    "slots.calendar:warn_of_half_taken": "tells a company of a call that is not full",
    "timekeeping.calendar:remind": "sends a reminder",
}
