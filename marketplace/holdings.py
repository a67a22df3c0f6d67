"""What the marketplace keeps about people, and what becomes of it."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.identity.models import User
from accounts.privacy.holdings import (
    REGISTRY,
    Blanked,
    Deleted,
    Dropped,
    Holding,
    Kept,
    Obstacle,
    Retention,
    by,
)
from marketplace.casting.states import OVER
from marketplace.endings import operations as endings
from marketplace.sessions import deliveries
from marketplace.sessions.models import Seat
from marketplace.sessions.states import SessionState
from marketplace.timekeeping.models import TimeLine
from marketplace.timekeeping.states import LineState
from marketplace.works.models import Commission
from marketplace.works.states import CommissionState

WAGES = "Records of work and pay are kept under a number for as long as the law asks."
SIGNED = "What both signed stays as it was signed."
A_YEAR = timedelta(days=365)
A_MONTH = timedelta(days=30)
A_YEAR_AFTER_THE_ANSWER = Retention(
    since="application__decided_at", after=A_YEAR, only=Q(application__state__in=OVER)
)

HOLDINGS = (
    Holding(
        model="marketplace.Application",
        what="Your applications, and how they were answered.",
        why="Companies choose by them, and you see the answer.",
        theirs=by("performer__user"),
        on_erasure=Blanked({"note": ""}),
        retention=Retention(
            since="decided_at", after=A_YEAR, then=Blanked({"note": ""}), only=Q(state__in=OVER)
        ),
    ),
    Holding(
        model="marketplace.SavedSearch",
        what="Searches of the board that you saved.",
        why="So that new gigs that fit come to you by mail.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="marketplace.ToldGig",
        what="Which open gigs your saved searches have mailed to you.",
        why="So that none is mailed to you twice. It is forgotten once the gig is over.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="marketplace.KeptPlace",
        what="A no to your application that an appeal took back, and the place that was kept for you.",
        why="So that the place is kept, and everyone can read why.",
        theirs=by("application__performer__user"),
        on_erasure=Blanked({"was_note": ""}),
        retention=Retention(since="until", after=A_YEAR),
    ),
    Holding(
        model="marketplace.Answer",
        what="What you answered to a gig's questions.",
        why="Companies choose by it.",
        theirs=by("application__performer__user"),
        on_erasure=Deleted(),
        retention=A_YEAR_AFTER_THE_ANSWER,
    ),
    Holding(
        model="marketplace.Tape",
        what="Your reel, and self-tapes that you sent with applications.",
        why="Companies that you applied to judge your craft by them.",
        theirs=by("performer__user"),
        on_erasure=Kept(
            "Each is deleted; that there was one, and when it was deleted, is kept under a number."
        ),
        retention=Retention(since="removed_at", after=A_YEAR),
    ),
    Holding(
        model="marketplace.Commission",
        what="Pieces that companies asked of you, by which rules, at which price, and how they were answered.",
        why="They say what you are paid for.",
        theirs=lambda user: Q(engagement__performer__user=user) | Q(decided_by=user),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Artefact",
        what="The versions of these pieces that you sent.",
        why="What is accepted is paid, and used for what you grant.",
        theirs=by("performer__user"),
        on_erasure=Kept(
            "Each is deleted; that there was one, and when it was deleted, is kept under a number."
        ),
        retention=Retention(since="removed_at", after=A_YEAR, only=Q(version=None, deliveries=None)),
    ),
    Holding(
        model="marketplace.Review",
        what="What a company's people said of each version, rule by rule.",
        why="So that you know what to change, and why a piece was paid or was not.",
        theirs=lambda user: Q(commission__engagement__performer__user=user) | Q(reviewed_by=user),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Message",
        what="What you and companies wrote to each other about your applications.",
        why="So that both can ask before they answer.",
        theirs=lambda user: Q(application__performer__user=user) | Q(author=user),
        on_erasure=Blanked({"text": ""}),
        retention=Retention(
            since="application__decided_at",
            after=A_YEAR,
            then=Blanked({"text": ""}),
            only=Q(application__state__in=OVER),
        ),
    ),
    Holding(
        model="marketplace.Flag",
        what="Messages that you reported to talent operations, and their answers.",
        why="So that what was written is looked at.",
        theirs=by("reporter"),
        on_erasure=Blanked({"text": ""}),
    ),
    Holding(
        model="marketplace.Block",
        what="Companies that you block, and who blocks you.",
        why="So that neither writes to the other.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="marketplace.Verdict",
        what="Scores that a company's reviewers gave your applications by its rubric.",
        why="So that applicants are judged alike, by more than one.",
        theirs=lambda user: Q(application__performer__user=user) | Q(judge__user=user),
        on_erasure=Blanked({"note": ""}),
        retention=A_YEAR_AFTER_THE_ANSWER,
    ),
    Holding(
        model="marketplace.Ruling",
        what="A producer's word where reviewers of your application were far apart.",
        why="So that somebody answers for the outcome.",
        theirs=lambda user: Q(application__performer__user=user) | Q(ruled_by=user),
        on_erasure=Blanked({"reason": ""}),
        retention=A_YEAR_AFTER_THE_ANSWER,
    ),
    Holding(
        model="marketplace.Benchmark",
        what="A producer's own scores of your application, by which the reviewers of its gig found one scale.",
        why="So that applicants are judged alike, by more than one.",
        theirs=lambda user: Q(application__performer__user=user) | Q(set_by=user),
        on_erasure=Blanked({"reason": ""}),
        retention=A_YEAR_AFTER_THE_ANSWER,
    ),
    Holding(
        model="marketplace.Tag",
        what="Words by which a company finds your application again.",
        why="So that it keeps its view over many.",
        theirs=by("application__performer__user"),
        on_erasure=Deleted(),
        retention=A_YEAR_AFTER_THE_ANSWER,
    ),
    Holding(
        model="marketplace.Judge",
        what="For which gigs you review applicants.",
        why="So that you read them, and your scores count.",
        theirs=by("user"),
        on_erasure=Kept("What was judged stays under a number."),
    ),
    Holding(
        model="marketplace.Engagement",
        what="The gigs that you work, or worked, in.",
        why="Sessions are booked under them.",
        theirs=by("performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Terms",
        what="The terms that you signed, word by word.",
        why="They say what you are paid and what your recordings may be used for.",
        theirs=by("engagement__performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.Signature",
        what="Your signatures: your name, when and from which address, and how you showed that it was you.",
        why="So that neither side can say later that it was somebody else.",
        theirs=by("person"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.Paper",
        what="What you signed, as a PDF with the house's signature.",
        why="So that you can prove it without the house.",
        theirs=by("terms__engagement__performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.Grant",
        what="What you let companies use recordings of you for.",
        why="Nothing is recorded or used without it.",
        theirs=by("application__performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.ReplicaSignature",
        what="Your signature under each replica of you, and the lawyer or union that you named.",
        why="The laws of New York and California ask for both.",
        theirs=by("grant__application__performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.GrantEvent",
        what="When each of these grants was given, became active or was withdrawn.",
        why="So that it can be proved.",
        theirs=by("grant__application__performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.GrantReceipt",
        what="The receipts of these grants, signed and chained.",
        why="So that you, and whoever relies on a grant, can prove it.",
        theirs=by("performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.ReceiptChain",
        what="How many receipts you have, and the hash of the last one.",
        why="So that none can be left out.",
        theirs=by("performer__user"),
        on_erasure=Kept(SIGNED),
    ),
    Holding(
        model="marketplace.Use",
        what="Who played your recordings, or took them with a delivery, and when.",
        why="So that you know who has your work.",
        theirs=by("performer__user"),
        on_erasure=Kept("It says under a number who had which work, so that it can be deleted there."),
    ),
    Holding(
        model="marketplace.DeliveredTrack",
        what="Which deliveries hold recordings of you.",
        why="So that a withdrawal reaches whoever has them.",
        theirs=by("performer__user"),
        on_erasure=Kept("It says under a number what has to be deleted where."),
    ),
    Holding(
        model="marketplace.DeletionOrder",
        what="What companies were told to delete of your work, and whether they did.",
        why="So that it can be proved, and chased.",
        theirs=by("performer__user"),
        on_erasure=Kept("An order goes on until it is confirmed."),
    ),
    Holding(
        model="marketplace.Seat",
        what="Your places in sessions.",
        why="So that you are expected, and paid.",
        theirs=by("performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Session",
        what="The sessions that you were booked for.",
        why="So that you are expected, and paid.",
        theirs=lambda user: Q(pk__in=Seat.objects.filter(performer__user=user).values("session_id")),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.WeeklyHours",
        what="When you said that you are free in any week.",
        why="So that companies in whose gigs you are engaged ask you then.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="marketplace.SpecialTime",
        what="Certain times at which you said to be free or away.",
        why="So that companies in whose gigs you are engaged ask you then.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
        retention=Retention(since="ends_at", after=A_YEAR),
    ),
    Holding(
        model="marketplace.PoolMember",
        what="That a company asks you among the first.",
        why="So that free seats are offered to you.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="marketplace.SlotHold",
        what="Seats of open calls that were held for you.",
        why="So that you could take them first.",
        theirs=by("engagement__performer__user"),
        on_erasure=Deleted(),
        retention=Retention(since="until_at", after=A_YEAR),
    ),
    Holding(
        model="marketplace.Move",
        what="Other times that were proposed for your sessions, and who agreed.",
        why="They say why a session is when it is.",
        theirs=lambda user: Q(session__in=Seat.objects.filter(performer__user=user).values("session_id")),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Move_agreed",
        what="To which of those times you agreed.",
        why="A session is moved once everyone has.",
        theirs=by("seat__performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Mark",
        what="Breaks and holds of yours in sessions.",
        why="They decide what is paid.",
        theirs=by("seat__performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.PresenceDelivery",
        what="Raw notes of the video provider: which seat was in which room when. Your time lines are read from them.",
        why="They prove the time that is paid.",
        theirs=None,
        on_erasure=Kept("They name a seat's number, never a person."),
        retention=Retention(since="received_at", after=deliveries.KEPT_FOR, then=Dropped()),
    ),
    Holding(
        model="marketplace.Timesheet",
        what="Your weeks.",
        why="You and the company look at them before they are paid.",
        theirs=by("performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.TimeLine",
        what="Your time, line by line, with what it is worth and why.",
        why="You are paid by it.",
        theirs=by("timesheet__performer__user"),
        on_erasure=Kept(WAGES),
    ),
    Holding(
        model="marketplace.Peer",
        what="Which pages of yours met the others in a room.",
        why="So that pictures and sound find their way.",
        theirs=by("user"),
        on_erasure=Deleted(),
        retention=Retention(since="seen_at", after=timedelta(days=1)),
    ),
    Holding(
        model="marketplace.ConnectionMinute",
        what="How good the connection of your page was in a room, minute by minute.",
        why="It explains a gap in your time; nothing is paid less for it.",
        theirs=by("seat__performer__user"),
        on_erasure=Deleted(),
        retention=Retention(since="minute", after=A_YEAR),
    ),
    Holding(
        model="marketplace.Signal",
        what="What a page of yours told another so that both could connect; gone once it was read.",
        why="So that pictures and sound find their way.",
        theirs=by("sender__user"),
        on_erasure=Deleted(),
        retention=Retention(since="sent_at", after=timedelta(days=1)),
    ),
    Holding(
        model="marketplace.CardUp",
        what="Cards that were dealt to you alone.",
        why="Which prompt was up when belongs to what was recorded.",
        theirs=by("seat__performer__user"),
        on_erasure=Kept("A card and a time belong to the session that was played."),
    ),
    Holding(
        model="marketplace.RoomLine",
        what="Your connections to the platform's own room while a session runs.",
        why="So that the room knows who is there.",
        theirs=by("seat__performer__user"),
        on_erasure=Deleted(),
        retention=Retention(since="left_at", after=timedelta(days=30)),
    ),
    Holding(
        model="marketplace.SceneNote",
        what="What companies noted about moments of your sessions.",
        why="So that they find them again.",
        theirs=lambda user: Q(session__in=Seat.objects.filter(performer__user=user).values("session_id")),
        on_erasure=Kept("They are the company's, about a moment of a session."),
    ),
    Holding(
        model="marketplace.Segment",
        what="What your devices recorded in sessions.",
        why="You granted what it may be used for.",
        theirs=by("seat__performer__user"),
        on_erasure=Kept(
            "The files are deleted at once, by a job; that there were some, and when they were gone, is kept under a number."
        ),
    ),
    Holding(
        model="marketplace.Label",
        what="What you, and annotators, said of the feelings in recordings of you, and what you said of others as an annotator.",
        why="Labels belong to the data set that you granted, and lead to nothing else.",
        theirs=lambda user: Q(segment__seat__performer__user=user) | Q(annotator__user=user),
        on_erasure=Deleted(),
        retention=Retention(since="segment__gone_at", after=A_MONTH),
    ),
    Holding(
        model="marketplace.Annotator",
        what="For which gigs you label recordings.",
        why="So that they come before you. In the data set you are a number of that gig.",
        theirs=by("user"),
        on_erasure=Kept("What you labelled is deleted; that you did is kept under a number."),
    ),
    Holding(
        model="marketplace.Transcript",
        what="Your words in recordings, as the company wrote them down.",
        why="They belong to the data set that you granted.",
        theirs=by("segment__seat__performer__user"),
        on_erasure=Deleted(),
        retention=Retention(since="segment__gone_at", after=A_MONTH),
    ),
    Holding(
        model="marketplace.ClockReading",
        what="How far your device's clock was from the house's while it recorded.",
        why="So that recordings of one session lie on one clock.",
        theirs=by("segment__seat__performer__user"),
        on_erasure=Kept("They belong to what was recorded, and say nothing else."),
    ),
    Holding(
        model="marketplace.Report",
        what="Sessions about which you wrote to talent operations.",
        why="So that what happened is looked at.",
        theirs=by("performer__user"),
        on_erasure=Kept("That something was reported, and answered, is kept under a number."),
    ),
    Holding(
        model="marketplace.Word",
        what="What you wrote to talent operations about a session, and their answers.",
        why="So that what happened is looked at.",
        theirs=by("report__performer__user"),
        on_erasure=Blanked({"text": ""}),
    ),
    Holding(
        model="marketplace.CalendarFeed",
        what="Secret addresses that you made for your own calendar, as hashes.",
        why="So that your calendar reads your calls by itself.",
        theirs=by("user"),
        on_erasure=Deleted(),
        retention=Retention(since="ended_at", after=timedelta(days=30)),
    ),
    Holding(
        model="marketplace.Dispute",
        what="Disputes about your time.",
        why="They say why a line changed, or did not.",
        theirs=by("line__timesheet__performer__user"),
        on_erasure=Kept(WAGES),
    ),
)
OF_NOBODY = {
    "marketplace.CompanyPace",
    "marketplace.Criterion",
    "marketplace.DeliveredFile",
    "marketplace.Delivery",
    "marketplace.Licence",
    "marketplace.ProvenanceAnchor",
    "marketplace.ReceiptKey",
    "marketplace.UseTerms",
    "marketplace.Gig",
    "marketplace.Labelling",
    "marketplace.Pool",
    "marketplace.Series",
    "marketplace.Slot",
    "marketplace.Take",
    "marketplace.Recording",
    "marketplace.ScreeningQuestion",
    "marketplace.Prompt",
    "marketplace.Retry",
    "marketplace.RoomToReckon",
    "marketplace.PayWeek",
    "marketplace.VideoRoom",
}


def obstacles(user: User) -> list[Obstacle]:
    """Work that is not over, and time that nobody has looked at yet."""
    found = []
    seats = Seat.objects.filter(performer__user=user, released_at=None)
    if seats.exclude(session__state=SessionState.TIME_RECORDED).exists():
        words = "You are booked for a session, or its time is not worked out yet. Play it, or call it off."
        found.append(Obstacle(code="booked", words=words, path=reverse("my_sessions")))
    pieces = Commission.objects.filter(engagement__performer__user=user)
    unpaid = pieces.filter(state=CommissionState.ACCEPTED, paid_at=None)
    if pieces.filter(state=CommissionState.SUBMITTED).exists() or unpaid.exists():
        words = "A piece of yours is not answered yet, so it is not paid yet. It is accepted by itself within days."
        found.append(Obstacle(code="piece_open", words=words, path=reverse("my_pieces")))
    lines = TimeLine.objects.filter(timesheet__performer__user=user)
    if lines.filter(state__in=[LineState.RECORDED, LineState.DISPUTED]).exists():
        words = (
            "A week of yours is not approved yet, so it is not paid yet. It is decided by itself within days."
        )
        found.append(Obstacle(code="week_open", words=words, path=reverse("my_week")))
    return found


def register() -> None:
    REGISTRY.add(*HOLDINGS, of_nobody=OF_NOBODY, obstacles=obstacles, parts_with=endings.part_with)
