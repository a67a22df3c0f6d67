"""What people are told of accounts: how it is proved whose one is, its end, and who was asked to act with them."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERSON, News

SECURITY = "security"
# What somebody who took an account over must not be able to hide by changing its address: stored so, it is mailed to
# every address that the person had lately.
TO_EVERY_ADDRESS = frozenset({SECURITY, "bank_changed"})
NOT_YOU = "If it was not you, set a new password at once, and tell us."


class AccountKind(News):
    """One's own account, and whom one has invited."""

    SECOND_FACTOR_ADDED = (
        SECURITY,
        PERSON,
        "settings",
        "A second factor was set up",
        f"{{what}}, {{when}}. Your other sessions have ended. {NOT_YOU}",
    )
    SECOND_FACTOR_REMOVED = (
        SECURITY,
        PERSON,
        "settings",
        "A second factor was removed",
        f"{{what}}, {{when}}. Your other sessions have ended. {NOT_YOU}",
    )
    RECOVERY_CODES_MADE = (
        SECURITY,
        PERSON,
        "settings",
        "There are new recovery codes",
        f"Made {{when}}; the old ones open nothing any more. Your other sessions have ended. {NOT_YOU}",
    )
    PASSWORD_CHANGED = (
        SECURITY,
        PERSON,
        "settings",
        "Your password was changed",
        "Changed {when}. Your other sessions have ended. If it was not you, set another one at once by “Forgot your password?”, "
        "and tell us.",
    )
    ADDRESS_CHANGED = (
        "address_changed",
        PERSON,
        "settings",
        "Your mail address was changed",
        "Changed {when}. The old address was told, and can undo it for {undo_for}.",
    )
    ADDRESS_RESTORED = (
        SECURITY,
        PERSON,
        "settings",
        "Your old mail address is back",
        "Put back {when} from the mail to it. Everyone was logged out, and a mail leads you to a new password. {withdrawn} "
        "Look who acts for your company and which API keys there are.",
    )
    RECOVERY_ASKED = (
        SECURITY,
        PERSON,
        "settings",
        "Somebody says that you lost your second factor",
        "They gave your password. If it was you: {who} looks at it by {until}, and may call you. If it was not: log in with "
        "your second factor, which ends it, and change your password.",
    )
    RECOVERY_TO_DECIDE = (
        "recovery_to_decide",
        PERSON,
        "recoveries",
        "Somebody lost their second factor",
        "{name} asks for a new start. Speak to them by a way that you know, not by this mail, and decide by {until}.",
    )
    RECOVERY_AGREED = (
        SECURITY,
        PERSON,
        "settings",
        "Your second factor was taken away",
        f"A second person agreed, {{when}}. Log in with your password and set up another one. {NOT_YOU}",
    )
    RECOVERED_ON_THE_MACHINE = (
        SECURITY,
        PERSON,
        "settings",
        "Your second factor was taken away",
        f"By the operator, on the machine of the house, {{when}}. Log in with your password and set up another one. {NOT_YOU}",
    )
    RECOVERY_REFUSED = (
        SECURITY,
        PERSON,
        "settings",
        "Your second factor stays as it is",
        "A second person looked at it and said no: “{reason}”",
    )
    RECOVERY_EXPIRED = (
        SECURITY,
        PERSON,
        "settings",
        "Nobody has decided about your second factor",
        "Nothing was changed. You can ask again when you log in.",
    )
    ERASURE_ASKED = (
        "erasure",
        PERSON,
        "my_privacy",
        "You asked to be forgotten",
        "It is done on {due_at}, or as soon after as nothing of yours is open. Until then you can take it back.",
    )
    ERASURE_WAITS = (
        "erasure",
        PERSON,
        "my_privacy",
        "You cannot be forgotten yet",
        "{obstacle} We look again by ourselves; you need not ask twice.",
    )
    ERASURE_TAKEN_BACK = (
        "erasure",
        PERSON,
        "my_privacy",
        "You stay",
        "You took your wish to be forgotten back. Nothing was deleted.",
    )
    INVITATION_ANSWERED_TO_COMPANY = (
        "invitation",
        Act.RUN_COMPANY,
        "members",
        "An invitation is answered",
        "{who} says {answer}.",
    )
    INVITATION_ANSWERED_TO_HOUSE = (
        "invitation",
        Staff.ADMIN,
        "staff",
        "An invitation is answered",
        "{who} says {answer}.",
    )
    WEBHOOK_FAILS = (
        "webhook",
        Act.RUN_COMPANY,
        "company_webhooks",
        "Your systems are not reached",
        "Nothing gets through to {address} since {since}. It is tried again, ever later; nothing is lost yet.",
    )
    WEBHOOK_STOPPED = (
        "webhook",
        Act.RUN_COMPANY,
        "company_webhooks",
        "A webhook was stopped",
        "Nothing got through to {address} since {since}. What waits is kept for a month: resume the webhook to have it.",
    )
