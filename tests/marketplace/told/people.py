"""Those whom news can concern, and the moments at which something happens to them."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.roles import Role, Staff
from accounts.companies.models import Company
from accounts.companies.queries import ids_of_those_who
from accounts.keys.acting import of_user
from accounts.notifications.news import News
from accounts.performers.models import Performer
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions.models import Session
from tests import stories

AT = stories.BEFORE + timedelta(days=6)  # two days before the call of the stories
CALL = stories.CALL
OVER = CALL + timedelta(hours=3)
REVIEW = stories.REVIEW_DAY


class Reader(StrEnum):
    """Who reads it: `COMPANY` are those of its members who may do what the kind of news is for."""

    PERFORMER = "the performer"
    PARTNER = "who plays with them"
    NEWCOMER = "who plays now"
    COMPANY = "the company"
    TALENT = "talent operations"


@dataclass
class House:
    """A company with a member of each role, three performers, and talent operations."""

    company: Company = field(default_factory=stories.a_company)
    performer: Performer = field(default_factory=stories.a_performer)
    partner: Performer = field(default_factory=stories.a_performer)
    newcomer: Performer = field(default_factory=stories.a_performer)

    def __post_init__(self) -> None:
        self.gig: Gig = stories.a_gig(self.company, seats=2, openings=3)
        for role in (Role.PRODUCER, Role.REVIEWER, Role.BILLING):
            stories.a_member(self.company, role)
        self.us: Actor = stories.owner_of(self.company)
        self.me: Actor = stories.acting(self.performer)
        self.talent: Actor = of_user(stories.a_member_of_staff(Staff.TALENT))

    def engagement(self, performer: Performer | None = None) -> Engagement:
        return stories.an_active_engagement(self.gig, performer or self.performer)

    def session(self) -> Session:
        """The performer and their partner are booked, by the company's owner."""
        pair = [self.engagement(), self.engagement(self.partner)]
        return stories.a_booked_session(*pair, at=AT - timedelta(hours=1))

    def readers(self, reader: Reader, kind: News) -> set[int]:
        """The people, by their keys, whom `reader` stands for where this kind of news goes out."""
        match reader:
            case Reader.COMPANY:
                assert isinstance(kind.audience, Act)
                return set(ids_of_those_who(kind.audience, company_id=self.company.pk))
            case Reader.TALENT:
                return {self.talent.user_id or 0}
        who = {
            Reader.PERFORMER: self.performer,
            Reader.PARTNER: self.partner,
            Reader.NEWCOMER: self.newcomer,
        }
        return {who[reader].user_id}
