"""What people are told of commissioned pieces: asked for, handed in, answered, and what comes of silence."""

from accounts.access.acts import Act
from accounts.notifications.news import PERFORMER, News

_DETAIL = "commission_detail"


class PieceKind(News):
    """Work products beside sessions."""

    PIECE_ASKED = (
        "piece",
        PERFORMER,
        _DETAIL,
        "A piece is asked of you",
        "{company} asks for “{piece}” in “{gig}”: {price} once it is accepted. Hand it in by {due_at}, or hand the order back.",
    )
    PIECE_DUE = (
        "piece",
        PERFORMER,
        _DETAIL,
        "A piece is waited for",
        "“{piece}” is due by {due_at}. It is still taken until {lapses_at}; after that the order is over.",
    )
    PIECE_FILE_REFUSED = (
        "piece",
        PERFORMER,
        _DETAIL,
        "Your recording cannot be played",
        "“{piece}”: {why} Nothing else is lost: send it again.",
    )
    PIECE_SUBMITTED = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A piece was handed in",
        "{performer} has handed in “{piece}”, version {version}. Answer by {due_at}; without an answer it is accepted and paid.",
    )
    PIECE_REVIEW_DUE = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A piece waits for your review",
        "“{piece}” by {performer}: answer by {due_at}; without an answer it is accepted and paid.",
    )
    PIECE_TO_CHANGE = (
        "piece",
        PERFORMER,
        _DETAIL,
        "Changes are asked of a piece",
        "{company} asks for changes to “{piece}”: {what} Hand in the next version by {due_at}.",
    )
    PIECE_ACCEPTED = (
        "piece",
        PERFORMER,
        _DETAIL,
        "Your piece is accepted",
        "“{piece}”: {price} is part of the next payday. {how}",
    )
    PIECE_ACCEPTED_BY_SILENCE = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A piece was accepted without your answer",
        "Nobody answered “{piece}” by {performer} in time, so it is accepted and paid.",
    )
    PIECE_REFUSED = (
        "piece",
        PERFORMER,
        _DETAIL,
        "Your piece was refused",
        "“{piece}”, {company}: {reason}. {note} If that is wrong, appeal it until {until}; talent operations decide.",
    )
    PIECE_APPEALED = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A refusal is appealed",
        "{performer} appeals your refusal of “{piece}”. Talent operations answer by {due_at}; its price stays reserved until then.",
    )
    PIECE_REFUSAL_TAKEN_BACK = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A refusal was taken back",
        "Talent operations found that “{piece}” by {performer} is to be accepted. It is, and it is paid.",
    )
    PIECE_REFUSAL_STAYS = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A refusal stays",
        "The appeal about “{piece}” by {performer} is over, and your refusal stays. What was reserved for it is free.",
    )
    PIECE_TAKEN_BACK_TO_PERFORMER = (
        "piece",
        PERFORMER,
        _DETAIL,
        "A piece is not asked for any more",
        "“{piece}” in “{gig}” was taken back: {reason}",
    )
    PIECE_TAKEN_BACK_TO_COMPANY = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A performer hands an order back",
        "{performer} does not make “{piece}”: {reason} What was reserved for it is free.",
    )
    PIECE_LAPSED_TO_PERFORMER = (
        "piece",
        PERFORMER,
        _DETAIL,
        "A piece was not handed in",
        "“{piece}” in “{gig}” did not come in time, so the order is over. It counts against nobody.",
    )
    PIECE_LAPSED_TO_COMPANY = (
        "piece",
        Act.REVIEW_PIECES,
        _DETAIL,
        "A piece did not come",
        "{performer} did not hand in “{piece}” in time. What was reserved for it is free.",
    )
