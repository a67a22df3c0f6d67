"""Who may do what for a company: the one table of role × act."""

from enum import StrEnum

from accounts.access.roles import Role


class Act(StrEnum):
    """What is done for a company, in the words of a refusal."""

    RUN_COMPANY = "change the company, its members and its keys"
    POST_GIGS = "post and change gigs"
    CAST = "review applicants"
    OFFER = "offer a gig"
    SIGN = "sign terms"
    BOOK = "book, end and call off sessions"
    ATTEND = "be in a session's room"
    APPROVE_TIME = "approve time"
    DELIVER = "take deliveries of recordings"
    LABEL = "label recordings"
    COMMISSION = "commission pieces"
    REVIEW_PIECES = "review pieces"
    PAY_IN = "pay into the wallet"
    SET_ASIDE = "set money aside for a gig"
    WITHDRAW = "take money out of the wallet"
    SAY_BILLING = "say how the company is billed"


_EVERY_ROLE = frozenset(Role)
_PRODUCES = frozenset({Role.OWNER, Role.PRODUCER})
MAY: dict[Act, frozenset[Role]] = {
    Act.RUN_COMPANY: frozenset({Role.OWNER}),
    Act.POST_GIGS: _PRODUCES,
    Act.CAST: _PRODUCES | {Role.REVIEWER},
    Act.OFFER: _PRODUCES,
    Act.SIGN: _PRODUCES,
    Act.BOOK: _PRODUCES,
    Act.ATTEND: _EVERY_ROLE,
    Act.APPROVE_TIME: _PRODUCES,
    Act.DELIVER: _PRODUCES,
    Act.LABEL: _PRODUCES | {Role.REVIEWER},
    Act.COMMISSION: _PRODUCES,
    # What is accepted is paid: whoever may approve time.
    Act.REVIEW_PIECES: _PRODUCES,
    Act.PAY_IN: frozenset({Role.OWNER, Role.BILLING}),
    Act.SET_ASIDE: _PRODUCES | {Role.BILLING},
    Act.WITHDRAW: frozenset({Role.OWNER, Role.BILLING}),
    Act.SAY_BILLING: frozenset({Role.OWNER, Role.BILLING}),
}
