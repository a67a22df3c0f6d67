"""What the log says of who came in, by what, and of who did not: by id, since what was tried may be a person's address."""

import structlog
from allauth.account.signals import authentication_step_completed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.identity.models import User

log = structlog.get_logger(__name__)


@receiver(user_logged_in)
def _came_in(*, user: User, **_: object) -> None:
    log.info("logged_in", person=user.public_id)


@receiver(user_logged_out)
def _left(*, user: User | None, **_: object) -> None:
    log.info("logged_out", person=user and user.public_id)


@receiver(user_login_failed)
def _refused(**_: object) -> None:
    log.warning("password_refused")


def second_factor_refused() -> None:
    log.warning("second_factor_refused")


@receiver(authentication_step_completed)
def _proved(*, user: User, method: str, reauthenticated: bool = False, **more: object) -> None:
    log.info("proved", person=user.public_id, by=more.get("type", method), again=reauthenticated)
