"""What people are told of sessions that are booked, moved, called off or stopped."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News


class SessionKind(News):
    """Sessions."""

    BOOKED = (
        "session",
        PERFORMER,
        "session_detail",
        "You are booked",
        "“{gig}”, {call_at}. Please confirm that you come.",
    )
    CALLED_OFF = (
        "session",
        PERFORMER,
        "session_detail",
        "A session was called off",
        "“{gig}”, {call_at}. {reason}",
    )
    SEAT_TAKEN = (
        "session",
        PERFORMER,
        "session_detail",
        "You have the seat",
        "“{gig}”, {call_at}. It is yours, and confirmed.",
    )
    SLOT_POSTED = (
        "slot",
        PERFORMER,
        "my_slots",
        "A call is open to you",
        "“{gig}”, {call_at}: the first who takes a seat has it.",
    )
    SLOT_HELD = (
        "slot",
        PERFORMER,
        "my_slots",
        "A seat is held for you",
        "“{gig}”, {call_at}. It is yours to take until {until}; after that the first who takes it has it.",
    )
    SLOT_WITHDRAWN = (
        "slot",
        PERFORMER,
        "my_slots",
        "An open call was taken back",
        "“{gig}”, {call_at}: the seat that was held for you is not offered any more.",
    )
    SLOT_TAKEN_TO_COMPANY = (
        "slot_taken",
        Act.BOOK,
        "session_detail",
        "A seat of yours was taken",
        "{performer} plays in “{gig}”, {call_at}.",
    )
    SLOT_LAPSED_TO_COMPANY = (
        "slot_lapsed",
        Act.BOOK,
        "gig_slots",
        "An open call found nobody",
        "“{gig}”, {call_at}: nobody took a seat, so it does not take place. It costs you nothing.",
    )
    HALF_TAKEN_SOON_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "An open call is not full yet",
        "“{gig}”, {call_at}: {taken} seats are taken. Those who have one come, and are paid. Calling it off now costs {price}.",
    )
    HALF_TAKEN_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "An open call has begun with free seats",
        "“{gig}”, {call_at}: {taken} seats are taken. Play with whoever came, or end the session: they are paid what they worked, "
        "and the minimum call at least.",
    )
    HALF_TAKEN = (
        "session",
        PERFORMER,
        "session_detail",
        "You play without a partner for now",
        "“{gig}”, {call_at}: {taken} seats are taken. Your call stands: come in, and you are paid what you work, the minimum call "
        "at least.",
    )
    STAND_IN_SOUGHT = (
        "slot",
        PERFORMER,
        "my_slots",
        "A place is free now",
        "“{gig}” has begun, and somebody is missing: the first who says yes plays, now, until {ends_at}. Your time is paid from "
        "your yes on, the minimum call at least.",
    )
    PARTNER_MISSING = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody who plays with you has not come",
        "“{gig}”, {call_at}: {performer} is not there, so the place is offered to others until {until}. While you wait in the room "
        "you are paid.",
    )
    YOU_ARE_MISSED = (
        "session",
        PERFORMER,
        "session_detail",
        "You are missed at your call",
        "“{gig}”, {call_at}: your place is offered to others now. Until somebody takes it you can come in; whoever comes by "
        "{answer_by} has come in time.",
    )
    SOMEBODY_STANDS_IN = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody stands in for you",
        "“{gig}”, {call_at}: you had not come, so {performer} plays. Were you there? Open the session and say so, or dispute the "
        "line.",
    )
    STAND_IN_SOUGHT_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A performer has not come",
        "“{gig}”, {call_at}: {performer} is not there. As the gig says, the place is offered until {until}; the first who says yes "
        "has it, and you are told.",
    )
    NO_STAND_IN = (
        "session",
        PERFORMER,
        "session_detail",
        "Nobody could stand in",
        "“{gig}”, {call_at}: nobody took the place of {performer}. The time that you are in the room is paid, the minimum call at "
        "least, until the session ends.",
    )
    NO_STAND_IN_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Nobody could stand in",
        "“{gig}”, {call_at}: nobody took the place of {performer}. Play on as you are, or end the session.",
    )
    MISSING_CAME_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A performer came after all",
        "“{gig}”, {call_at}: {performer} is there, so the place is not offered any more.",
    )
    GIVEN_UP = (
        "session",
        PERFORMER,
        "session_detail",
        "Your seat is called off",
        "“{gig}”, {call_at}: you do not play in it, as you said. It pays nothing, and counts against you nowhere.",
    )
    REMINDER = (
        "session",
        PERFORMER,
        "session_detail",
        "Your call is coming up",
        "“{gig}”, {call_at}. The room opens at {doors_at}; try camera and microphone there first.",
    )
    REMINDER_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session is coming up",
        "“{gig}”, {call_at}. The room opens at {doors_at}.",
    )
    CALLED_OFF_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A performer called a session off",
        "“{gig}”, {call_at}. {reason} It costs you nothing.",
    )
    SEAT_FREE_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A seat is free",
        "{performer} cannot come to “{gig}”, {call_at}: {reason} Give the seat to somebody else, or call the session off.",
    )
    PARTNER_LEFT = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody else's seat was called off",
        "{performer} does not play in “{gig}”, {call_at}. Your seat is as it was.",
    )
    MOVE_ASKED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "Another time is proposed for a session",
        "“{gig}”, {call_at}, could be {new_call_at} instead. Please answer by {answer_by}; without everyone's yes it stays.",
    )
    MOVE_ASKED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Another time is proposed for a session",
        "“{gig}”, {call_at}: a performer proposes {new_call_at} instead. Please answer by {answer_by}; without it, it stays.",
    )
    MOVED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "A session is moved",
        "“{gig}” is now at {call_at}. Everyone has agreed, so you need not confirm again.",
    )
    MOVED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session is moved",
        "“{gig}” is now at {call_at}. Everyone has agreed.",
    )
    NOT_MOVED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "A session stays where it was",
        "“{gig}” is not moved: it takes place at {call_at}, as booked.",
    )
    NOT_MOVED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session stays where it was",
        "“{gig}” is not moved: it takes place at {call_at}, as booked.",
    )
    STOPPED = (
        "session",
        PERFORMER,
        "session_detail",
        "A session was stopped for safety",
        "“{gig}”, {call_at}. What was worked is paid, and the minimum call holds for whoever came. Were you on your way? Open "
        "the session by {answer_by} and say that you are here.",
    )
    STOPPED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session was stopped for safety",
        "“{gig}”, {call_at}. Its room is closed. What was worked is paid, and the minimum call holds for whoever came.",
    )
    FAILED = (
        "session",
        PERFORMER,
        "session_detail",
        "A session failed technically",
        "“{gig}”, {call_at}. {reason} It counts against nobody: what was worked is paid, and the minimum call to whoever came.",
    )
    FAILED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session failed technically",
        "“{gig}”, {call_at}. {reason} What was worked is paid, and the minimum call to whoever came.",
    )
    CONFIRMED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session is confirmed",
        "“{gig}”, {call_at}: everyone who is booked has confirmed.",
    )
    PARTNER_CAME = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody else has the free seat",
        "{performer} is booked for “{gig}”, {call_at}. Your seat is as it was.",
    )
    NOBODY_CAME_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "Nobody came to a session",
        "“{gig}”, {call_at}: no performer was in the room, so nothing is paid. Were you there? Dispute the line, and say until "
        "when.",
    )
    NOBODY_CAME_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Nobody came to a session",
        "“{gig}”, {call_at}: no performer was in the room. It costs you nothing.",
    )
    COMPANY_ABSENT_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "The company did not come to a session",
        "“{gig}”, {call_at}: nobody came from {company}. Whoever of you showed is paid the whole slot.",
    )
    COMPANY_ABSENT_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Nobody of yours came to a session",
        "“{gig}”, {call_at}: whoever showed is paid the whole slot. Was one of you there? Dispute the line, and say so.",
    )
    COMPANY_CAME_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "The company was at a session after all",
        "“{gig}”, {call_at}: word that came later shows that {company} was there, so what was worked is paid.",
    )
    COMPANY_CAME_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "You were at a session after all",
        "“{gig}”, {call_at}: word that came later shows that one of you was there, so what was worked is paid.",
    )
    REPORT_TO_TALENT = (
        "report",
        Staff.TALENT,
        "report",
        "A performer wrote to you about a session",
        "Only talent operations read it. Please answer by {due_at}.",
    )
    REPORT_ANSWERED = (
        "report_answered",
        PERFORMER,
        "report",
        "Talent operations have answered you",
        "What they say stands on your private line.",
    )
