"""A performer on a signed engagement, and who may do what about their pay there."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.keys import acting
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements.models import Engagement
from payments.paylines import deciding, proposing
from payments.paylines.models import PayLine
from payments.payroll import off_cycle
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from tests import stories
from tests.payments.world import World, usd

PDF = b"%PDF-1.7 a lunch"


def dollars(text: str) -> Money:
    return Money(usd(text), "usd")


@dataclass
class Stage:
    """Robin works for the world's company; Olive owns it and Petra produces for it; Tala and Tom are talent operations."""

    world: World

    @cached_property
    def robin(self) -> Performer:
        return self.world.performer("Robin")

    @cached_property
    def engagement(self) -> Engagement:
        return stories.an_active_engagement(stories.a_gig(self.world.company), self.robin)

    @cached_property
    def olive(self) -> Actor:
        return stories.owner_of(self.world.company)

    @cached_property
    def petra(self) -> Actor:
        return acting.of_user(stories.a_member(self.world.company, Role.PRODUCER))

    @cached_property
    def tala(self) -> Actor:
        return acting.of_user(stories.a_member_of_staff(Staff.TALENT, "Tala"))

    @cached_property
    def tom(self) -> Actor:
        return acting.of_user(stories.a_member_of_staff(Staff.TALENT, "Tom"))

    @property
    def me(self) -> Actor:
        return stories.proved(stories.acting(self.robin), at=self.world.now)

    def bonus(self, amount: str = "50.00", *, by: Actor | None = None) -> PayLine:
        return proposing.propose_bonus(
            engagement=self.engagement,
            amount=dollars(amount),
            reason="A great scene.",
            by=by or self.olive,
            at=self.world.now,
        )

    def an_approved_bonus(self, amount: str = "50.00") -> PayLine:
        line = self.bonus(amount, by=self.petra)
        return deciding.approve(line=line, by=self.olive, at=self.world.now)

    def expense(self, amount: str = "12.00", *, receipt: bytes = PDF) -> PayLine:
        return proposing.ask_expense(
            engagement=self.engagement,
            amount=dollars(amount),
            reason="The train.",
            spent_on=self.world.now.date() - timedelta(days=3),
            receipt=receipt,
            by=self.me,
            at=self.world.now,
        )

    def breach(self, amount: str = "30.00") -> PayLine:
        return proposing.say_breach(
            engagement=self.engagement,
            amount=dollars(amount),
            reason="Five hours on camera.",
            by=self.tala,
            at=self.world.now,
        )

    def deduction(self, amount: str) -> PayLine:
        return proposing.propose_deduction(
            engagement=self.engagement,
            amount=dollars(amount),
            reason="The lamp that fell.",
            by=self.world.freezer,
            at=self.world.now,
        )

    def an_agreed_deduction(self, amount: str) -> PayLine:
        return deciding.approve(line=self.deduction(amount), by=self.me, at=self.world.now)

    def a_draft(self, *performers: Performer) -> PayRun:
        return off_cycle.open_run(
            performers=list(performers) or [self.robin],
            currency="usd",
            reason="The rent is due.",
            by=self.world.freezer,
            at=self.world.now,
        )

    def freezes(self, run: PayRun) -> PayRun:
        return payroll.freeze(run=run, by=self.world.freezer, at=self.world.now)

    def is_paid(self, *performers: Performer) -> PayRun:
        run = self.world.approves(self.freezes(self.a_draft(*performers)))
        self.world.sweep()
        run.refresh_from_db()
        return run

    def item_of(self, run: PayRun) -> PayItem:
        return PayItem.objects.get(run=run, performer=self.robin)
