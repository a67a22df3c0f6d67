"""What people are told of bonuses, expenses, breaches and deductions: what waits for them, and how it ended."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News

_ASKS = "{amount} waits for your answer"
_ASKED = (
    "{what} for {performer}, “{gig}”. The reason: {reason} Answer by {due_at}; without an answer {otherwise}."
)
_ENDED = "{amount}: there is an answer"
_SAID = "{what} for {performer}, “{gig}”. {ended}. {answer}"


class PayLineKind(News):
    """Pay beside the time that was worked."""

    PAY_LINE_ASKS_COMPANY = ("pay_line", Act.APPROVE_TIME, "company_pay_lines", _ASKS, _ASKED)
    PAY_LINE_ASKS_PERFORMER = ("pay_line", PERFORMER, "my_pay_lines", _ASKS, _ASKED)
    PAY_LINE_ASKS_FINANCE = ("pay_line", Staff.FINANCE, "house_pay_lines", _ASKS, _ASKED)
    PAY_LINE_ASKS_TALENT = ("pay_line", Staff.TALENT, "house_pay_lines", _ASKS, _ASKED)
    PAY_LINE_ENDED_FOR_COMPANY = ("pay_line", Act.APPROVE_TIME, "company_pay_lines", _ENDED, _SAID)
    PAY_LINE_ENDED_FOR_PERFORMER = ("pay_line", PERFORMER, "my_pay_lines", _ENDED, _SAID)
    PAY_LINE_ENDED_FOR_FINANCE = ("pay_line", Staff.FINANCE, "house_pay_lines", _ENDED, _SAID)
    PAY_LINE_ENDED_FOR_TALENT = ("pay_line", Staff.TALENT, "house_pay_lines", _ENDED, _SAID)
