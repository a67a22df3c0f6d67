"""Vetting, by both doors: asked for, looked at against the checklist, answered; each no before its yes."""

import pytest
from allauth.account.models import EmailAddress

from accounts.access.roles import Role, Staff
from accounts.access.standings import Standing
from accounts.audit.models import AuditEvent
from accounts.companies.models import Company
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from accounts.standing import checklist
from accounts.standing.models import Vetting
from tests import stories
from tests.accounts.standing.doors import DOORS, Person, done, refused, talent

pytestmark = pytest.mark.django_db


def state(subject: Performer | Company) -> str:
    return type(subject)._default_manager.get(pk=subject.pk).state


def the_vetting(subject: Performer | Company) -> Vetting:
    return Vetting.objects.about(subject).get(decided_at=None)


def told(subject: Performer | Company, title: str) -> str:
    """What the performer, or the company's owner, was told under that title."""
    user = subject.user if isinstance(subject, Performer) else stories.person(stories.owner_of(subject))
    return Notification.objects.get(user=user, title=title).body


def asked_by_a_performer(door: str) -> tuple[Performer, Person]:
    performer = stories.completes_the_steps(stories.a_newcomer("Ada"))
    me = Person(performer.user, door)
    assert done(me.asks(performer))
    return performer, me


@DOORS
class TestAPerformer:
    def test_asks_once_mail_profile_and_terms_are_there(self, door: str) -> None:
        performer = stories.a_newcomer("Ada")
        me = Person(performer.user, door)
        assert refused(me.asks(performer), "not_ready_to_be_vetted")
        stories.completes_the_steps(performer)
        EmailAddress.objects.filter(user=performer.user).update(verified=False)
        assert refused(me.asks(performer), "not_ready_to_be_vetted")
        EmailAddress.objects.filter(user=performer.user).update(verified=True)
        desk = talent(door)
        assert done(me.asks(performer))
        assert state(performer) == Standing.APPLIED
        assert "answer by" in told(performer, "We have what you sent")
        assert "Ada" in Notification.objects.get(user=desk.user).body
        assert refused(me.asks(performer), "illegal_state")

    def test_is_approved_once_the_checklist_is_met(self, door: str) -> None:
        performer, _ = asked_by_a_performer(door)
        desk, vetting = talent(door), the_vetting(performer)
        assert refused(desk.moves(vetting, "approve"), "checklist_open")
        assert done(desk.moves(vetting, "take-up"))
        assert state(performer) == Standing.IN_REVIEW
        assert "vet your profile now" in told(performer, "A person looks at it now")
        assert refused(desk.moves(vetting, "approve"), "checklist_open")
        assert state(performer) == Standing.IN_REVIEW
        stories.proves_identity(performer)
        assert done(desk.moves(vetting, "approve"))
        assert state(performer) == Standing.APPROVED
        assert "you can accept offers" in told(performer, "You are approved")
        vetting.refresh_from_db()
        assert (vetting.outcome, vetting.decided_by) == ("approved", desk.user)
        assert {check.item for check in vetting.checks.all()} == {
            point.item for point in checklist.OF_PERFORMERS
        }
        verbs = AuditEvent.objects.filter(thing=performer.public_id).values_list("verb", flat=True)
        assert {"performer.applied", "performer.in_review", "performer.approved"} <= set(verbs)

    def test_nobody_ticks_what_the_partner_says(self, door: str) -> None:
        performer, _ = asked_by_a_performer(door)
        desk, vetting = talent(door), the_vetting(performer)
        for item in ("identity", "mail", "profile", "terms", "one_account"):
            assert refused(desk.moves(vetting, "tick", item=item, note="I saw it."), "known_by_the_house")
        assert refused(desk.moves(vetting, "tick", item="registration", note="I saw it."), "invalid")
        assert not vetting.checks.exists()

    def test_of_one_name_and_birthday_a_person_looks(self, door: str) -> None:
        before = stories.a_performer("Ada")
        performer, _ = asked_by_a_performer(door)
        stories.proves_identity(performer, like=before)
        desk, vetting = talent(door), the_vetting(performer)
        done(desk.moves(vetting, "take-up"))
        assert before.public_id in desk.reads(f"/house/vetting/{vetting.public_id}/")
        assert refused(desk.moves(vetting, "approve"), "checklist_open")
        assert refused(desk.moves(vetting, "tick", item="one_account", note=" "), "invalid")
        assert done(desk.moves(vetting, "tick", item="one_account", note="Twins: two documents seen."))
        assert done(desk.moves(vetting, "approve"))
        kept = vetting.checks.get(item="one_account")
        assert (kept.by, kept.note) == (desk.user, "Twins: two documents seen.")
        assert state(before) == Standing.APPROVED

    def test_is_declined_with_a_reason_mends_it_and_asks_again(self, door: str) -> None:
        performer, me = asked_by_a_performer(door)
        desk, vetting = talent(door), the_vetting(performer)
        assert refused(
            desk.moves(vetting, "decline", reason="profile", words="More, please."), "illegal_state"
        )
        done(desk.moves(vetting, "take-up"))
        assert refused(desk.moves(vetting, "decline", reason="no_such", words="More, please."), "invalid")
        assert refused(desk.moves(vetting, "decline", reason="profile", words=" "), "invalid")
        assert done(desk.moves(vetting, "decline", reason="profile", words="Say what you play."))
        assert state(performer) == Standing.DECLINED
        said = told(performer, "You are not approved")
        assert "does not show what producers need" in said
        assert "Say what you play. You can mend it and ask again, or appeal" in said
        assert "Say what you play." in me.reads("/standing/")
        assert done(me.asks(performer))
        assert state(performer) == Standing.APPLIED
        assert Vetting.objects.about(performer).count() == 2

    def test_nobody_vets_themselves(self, door: str) -> None:
        performer, me = asked_by_a_performer(door)
        vetting = the_vetting(performer)
        assert refused(me.moves(vetting, "take-up"), "forbidden")
        stories.becomes_staff(performer.user, Staff.TALENT)
        for move, sent in (
            ("take-up", {}),
            ("approve", {}),
            ("decline", {"reason": "profile", "words": "?"}),
        ):
            assert refused(me.moves(vetting, move, **sent), "own_standing")
        assert state(performer) == Standing.APPLIED
        assert done(talent(door).moves(vetting, "take-up"))


@DOORS
class TestACompany:
    def test_asks_with_its_registration_by_its_owner(self, door: str) -> None:
        company = stories.a_new_company("Northlight")
        owner = Person(stories.person(stories.owner_of(company)), door)
        producer = Person(stories.a_member(company, Role.PRODUCER), door)
        assert refused(producer.asks(company), "forbidden")
        for wrong in (
            {"country": "ZZ"},
            {"legal_name": ""},
            {"website": "northlight"},
            {"registration_number": " "},
        ):
            assert refused(owner.asks(company, **wrong), "invalid")
        EmailAddress.objects.filter(user=owner.user).update(verified=False)
        assert refused(owner.asks(company), "not_ready_to_be_vetted")
        EmailAddress.objects.filter(user=owner.user).update(verified=True)
        assert state(company) == Standing.SIGNED_UP
        assert done(owner.asks(company))
        company.refresh_from_db()
        assert (company.state, company.legal_name, company.domain) == (
            "applied",
            "Northlight Labs, Inc.",
            "northlight.example",
        )

    def test_is_looked_up_by_a_person_and_approved(self, door: str) -> None:
        company = stories.a_new_company("Northlight")
        Person(stories.person(stories.owner_of(company)), door).asks(company)
        desk, vetting = talent(door), the_vetting(company)
        done(desk.moves(vetting, "take-up"))
        assert {each.item for each in stories.open_items(vetting)} == {"registration", "domain", "owner"}
        for item in ("registration", "domain", "owner"):
            assert refused(desk.moves(vetting, "approve"), "checklist_open")
            assert done(desk.moves(vetting, "tick", item=item, note=f"Seen: {item}."))
        assert refused(desk.moves(vetting, "tick", item="owner", note="Again."), "known_by_the_house")
        assert done(desk.moves(vetting, "approve"))
        assert state(company) == Standing.APPROVED
        assert "you can publish gigs" in told(company, "You are approved")

    def test_an_owners_address_at_the_websites_domain_proves_it(self, door: str) -> None:
        company = stories.a_new_company()
        owner = Person(stories.person(stories.owner_of(company)), door)
        assert done(owner.asks(company, website="https://www.example.org/jobs"))
        open_items = {each.item for each in stories.open_items(the_vetting(company))}
        assert open_items == {"registration", "owner"}
        for alike in ("https://example.org.evil.com", "https://notexample.org"):
            Company.objects.filter(pk=company.pk).update(website=alike)
            assert "domain" in {each.item for each in stories.open_items(the_vetting(company))}


@DOORS
class TestAnAppeal:
    def declined(self, door: str, *, by: Person) -> tuple[Performer, Person, Vetting]:
        performer, me = asked_by_a_performer(door)
        vetting = the_vetting(performer)
        by.moves(vetting, "take-up")
        assert done(by.moves(vetting, "decline", reason="work", words="Not for us."))
        return performer, me, vetting

    def filed(self, me: Person, vetting: Vetting) -> str:
        assert done(me.appeals(vetting.public_id))
        return str(me.api.get("appeals").json()["data"][0]["id"])  # type: ignore[attr-defined] # the test client's

    def test_is_answered_by_another_person_than_who_decided(self, door: str) -> None:
        decider, other = talent(door, "Dee"), talent(door, "Otto")
        performer, me, vetting = self.declined(door, by=decider)
        assert refused(other.appeals(vetting.public_id), "not_found")
        assert refused(me.appeals(vetting.public_id, text=" "), "invalid")
        appeal = self.filed(me, vetting)
        assert refused(me.appeals(vetting.public_id), "already_appealed")
        assert refused(decider.of_appeal(appeal, "take-up"), "reviewer_decided")
        said = {"outcome": "reversed", "text": "The work is ours."}
        assert refused(other.of_appeal(appeal, "answer", **said), "checklist_open")
        assert done(other.of_appeal(appeal, "take-up"))
        assert "answers by" in told(performer, "A person looks at your appeal")
        stories.proves_identity(performer)
        assert refused(decider.of_appeal(appeal, "answer", **said), "reviewer_decided")
        assert done(other.of_appeal(appeal, "answer", **said))
        assert state(performer) == Standing.APPROVED
        assert told(performer, "Your appeal is answered") == "The decision is taken back. The work is ours."
        assert "The work is ours." in me.reads(f"/appeals/{appeal}/")
        assert refused(other.of_appeal(appeal, "answer", **said))

    @pytest.mark.parametrize("outcome", ["upheld", "remedied"])
    def test_may_leave_the_standing_as_it_is(self, door: str, outcome: str) -> None:
        decider, other = talent(door), talent(door)
        performer, me, vetting = self.declined(door, by=decider)
        appeal = self.filed(me, vetting)
        assert refused(me.asks(performer), "already_appealed")
        assert refused(other.of_appeal(appeal, "answer", outcome=outcome, text="So."), "illegal_state")
        other.of_appeal(appeal, "take-up")
        assert refused(other.of_appeal(appeal, "answer", outcome="no_such", text="So."), "invalid")
        assert refused(other.of_appeal(appeal, "answer", outcome=outcome, text=""), "invalid")
        assert done(other.of_appeal(appeal, "answer", outcome=outcome, text="We looked again."))
        assert state(performer) == Standing.DECLINED
        assert refused(me.appeals(vetting.public_id), "already_appealed")
        assert done(me.asks(performer))

    def test_is_taken_back_by_who_filed_it_and_may_be_filed_again(self, door: str) -> None:
        _, me, vetting = self.declined(door, by=talent(door))
        appeal = self.filed(me, vetting)
        stranger = Person(stories.a_performer().user, door)
        assert refused(stranger.of_appeal(appeal, "withdraw"), "not_found")
        assert done(me.of_appeal(appeal, "withdraw"))
        assert refused(me.of_appeal(appeal, "withdraw"), "illegal_state")
        assert done(me.appeals(vetting.public_id))

    def test_of_a_decision_that_stands_no_more_is_refused(self, door: str) -> None:
        performer, me, vetting = self.declined(door, by=talent(door))
        assert done(me.asks(performer))
        assert refused(me.appeals(vetting.public_id), "decision_is_over")
        assert refused(me.appeals(the_vetting(performer).public_id), "not_found")

    def test_an_administrator_answers_where_nobody_else_could(self, door: str) -> None:
        decider = talent(door)
        admin = Person(stories.a_member_of_staff(Staff.ADMIN), door)
        _, me, vetting = self.declined(door, by=decider)
        appeal = self.filed(me, vetting)
        assert Notification.objects.filter(user=admin.user, kind="appeal_to_review").exists()
        second = talent(door)
        assert refused(admin.of_appeal(appeal, "take-up"), "forbidden")
        second.user.staff_roles.all().delete()
        assert done(admin.of_appeal(appeal, "take-up"))
        assert done(admin.of_appeal(appeal, "answer", outcome="upheld", text="It stays."))
