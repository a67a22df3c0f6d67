"""Who is told of a line: whoever answers it, and how it ended whoever may see it."""

from collections.abc import Mapping
from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.news import About, News
from accounts.notifications.operations import PLACE, notify, tell_staff
from accounts.notifications.pay_line_kinds import PayLineKind
from kit.money import Money
from payments.paylines.kinds import RULES, Kind, Party
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState

ASKS = {
    Party.COMPANY: PayLineKind.PAY_LINE_ASKS_COMPANY,
    Party.PERFORMER: PayLineKind.PAY_LINE_ASKS_PERFORMER,
    Party.FINANCE: PayLineKind.PAY_LINE_ASKS_FINANCE,
    Party.TALENT: PayLineKind.PAY_LINE_ASKS_TALENT,
}
ENDED = {
    Party.COMPANY: PayLineKind.PAY_LINE_ENDED_FOR_COMPANY,
    Party.PERFORMER: PayLineKind.PAY_LINE_ENDED_FOR_PERFORMER,
    Party.FINANCE: PayLineKind.PAY_LINE_ENDED_FOR_FINANCE,
    Party.TALENT: PayLineKind.PAY_LINE_ENDED_FOR_TALENT,
}


def ask(line: PayLine, party: Party, *, otherwise: str, at: datetime) -> None:
    """Tell a party that a line waits for its answer, until when, and what happens without one."""
    _tell(
        line,
        party,
        kinds=ASKS,
        key=f"{line.public_id}:asks:{line.state}:{party}",
        about={
            "amount": Money(abs(line.amount_minor), line.currency),
            "what": Kind(line.kind).label,
            "performer": line.performer.stage_name,
            "gig": line.engagement.gig.title,
            "reason": line.contest or line.reason,
            "due_at": line.due_at,
            "otherwise": otherwise,
        },
        at=at,
    )


def tell_ended(line: PayLine, *, at: datetime) -> None:
    """Tell everyone whom it concerns how it ended; the performer of a bonus only where there is one."""
    rule = RULES[Kind(line.kind)]
    parties = {Party.COMPANY, Party.PERFORMER, rule.made_by}
    if line.kind == Kind.BONUS and line.state != PayLineState.APPROVED:
        parties.discard(Party.PERFORMER)
    for party in sorted(parties):
        _tell(
            line,
            party,
            kinds=ENDED,
            key=f"{line.public_id}:{line.state}:{party}",
            about={
                "amount": Money(abs(line.amount_minor), line.currency),
                "what": Kind(line.kind).label,
                "performer": line.performer.stage_name,
                "gig": line.engagement.gig.title,
                "ended": PayLineState(line.state).label,
                "answer": line.answer or line.reason,
            },
            at=at,
        )


def _tell(
    line: PayLine, party: Party, *, kinds: Mapping[Party, News], key: str, about: About, at: datetime
) -> None:
    kind, place = kinds[party], {PLACE: line.public_id}
    match party:
        case Party.COMPANY:
            where = {"company_id": line.engagement.company.public_id, **place}
            tell_company(
                kind=kind, company_id=line.engagement.company_id, key=key, about=about, where=where, at=at
            )
        case Party.PERFORMER:
            notify(kind=kind, user_id=line.performer.user_id, key=key, about=about, where=place, at=at)
        case _:
            tell_staff(kind=kind, key=key, about=about, where=place, at=at)
