"""Who is acting, as plain data: a person, an API key of a company, or the house itself.

What a session or a key stands for is read by the room `keys`; everything below it is only told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from accounts.access.acts import MAY, Act
from accounts.access.roles import Role, Staff
from accounts.access.step_up import StaleProof, StepUp, is_fresh
from kit.errors import DomainError, Forbidden, NotFound

NOBODY = "anonymous"


class SecondFactorRequired(DomainError):
    """Set up a passkey or an authenticator app under Settings, then repeat the request."""

    code = "second_factor_required"
    status = 403
    title = "This needs a second factor"

    def __init__(self) -> None:
        super().__init__(
            "Your role here takes a second factor. Set up a passkey or an authenticator app under Settings: it takes a minute."
        )


@dataclass(frozen=True)
class Actor:
    """`label` is how the audit trail names the actor; `roles` gives the role in each company, by the company's key.

    `performer_id` is 0 where there is no profile: no row has it, so a query with it finds nothing.
    `scopes` are an API key's, and None for everyone else. Times are shown to a person in `time_zone`.
    `proved_at`: when this person last proved who they are, by their second factor where they have one, else by their
    password; None when never in this session, or by a key. `withheld_…`: the roles that wait for a second factor. They
    count for nothing but being told so.
    """

    label: str = NOBODY
    user_id: int | None = None
    performer_id: int = 0
    roles: Mapping[int, str] = field(default_factory=dict)
    staff_roles: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    time_zone: str = ""
    proved_at: datetime | None = None
    has_second_factor: bool = False
    withheld_roles: Mapping[int, str] = field(default_factory=dict)
    withheld_staff_roles: frozenset[str] = frozenset()
    is_system: bool = False

    @classmethod
    def of_system(cls, name: str) -> Actor:
        """The house acting by itself: a task, a webhook, a command."""
        return cls(label=f"system:{name}", is_system=True)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls()

    @property
    def is_key(self) -> bool:
        return self.scopes is not None

    @property
    def zone(self) -> str:
        """The zone in which the actor reads times."""
        return self.time_zone or "UTC"

    @property
    def is_anonymous(self) -> bool:
        return self.label == NOBODY

    @property
    def is_performer(self) -> bool:
        return self.performer_id != 0

    @property
    def company_ids(self) -> list[int]:
        return list(self.roles)

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)

    @property
    def is_finance(self) -> bool:
        return Staff.FINANCE in self.staff_roles

    @property
    def is_talent(self) -> bool:
        return Staff.TALENT in self.staff_roles

    @property
    def is_admin(self) -> bool:
        return Staff.ADMIN in self.staff_roles

    @property
    def is_withheld(self) -> bool:
        """Whether a role of theirs waits for a second factor."""
        return bool(self.withheld_roles or self.withheld_staff_roles)

    def with_withheld(self) -> Actor:
        """As they would be with a second factor: for telling what they miss, never for letting them in."""
        return replace(
            self,
            roles={**self.roles, **self.withheld_roles},
            staff_roles=self.staff_roles | self.withheld_staff_roles,
        )

    def may(self, act: Act, *, company_id: int) -> bool:
        """Whether the actor's role in that company allows the act."""
        return self.is_system or self.roles.get(company_id) in MAY[act]

    def require(self, act: Act, *, company_id: int) -> None:
        """Raise NotFound (404) for another's company, Forbidden (403) where one's role in it does not allow the act."""
        if self.may(act, company_id=company_id):
            return
        role = self.roles.get(company_id)
        if company_id in self.withheld_roles:
            raise SecondFactorRequired
        if role is None:
            raise NotFound
        takes = " or ".join(each for each in Role if each in MAY[act])
        raise Forbidden(f"To {act} takes {takes} of the company; you are {role}.")

    def require_performer(self, performer_id: int) -> None:
        """Raise NotFound (404) unless the actor is that performer."""
        if not self.is_system and self.performer_id != performer_id:
            raise NotFound

    def require_finance(self) -> None:
        """Raise Forbidden, SecondFactorRequired (403) unless the actor is in finance, or the house itself."""
        self._require_staff(Staff.FINANCE, "This is finance's to do.")

    def require_talent(self) -> None:
        """Raise Forbidden (403) unless the actor is in talent operations, or the house itself."""
        if not (self.is_talent or self.is_system):
            raise Forbidden("This is talent operations' to do.")

    def require_admin(self) -> None:
        """Raise Forbidden, SecondFactorRequired (403) unless the actor says who works in the house, or is the house itself."""
        self._require_staff(Staff.ADMIN, "This is administration's to do.")

    def require_proof(self, act: StepUp, *, at: datetime) -> None:
        """Raise StaleProof (403) unless the person proved who they are just now. The house itself needs no proof."""
        if not (self.is_system or is_fresh(self.proved_at, at=at)):
            by = "second factor" if self.has_second_factor else "password"
            raise StaleProof(f"Give your {by} again to {act}.", act=act, prove_by=by.replace(" ", "_"))

    def require_person(self, refusal: str) -> int:
        """The key of the person acting. Raises Forbidden (403) with `refusal` for an API key, the house or nobody."""
        if self.user_id is None:
            raise Forbidden(refusal)
        return self.user_id

    def _require_staff(self, role: Staff, refusal: str) -> None:
        if self.is_system or role in self.staff_roles:
            return
        if role in self.withheld_staff_roles:
            raise SecondFactorRequired
        raise Forbidden(refusal)
