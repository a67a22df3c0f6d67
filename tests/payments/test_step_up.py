"""What a stolen session is not enough for: every row of `StepUp`, by page and by JSON, refused stale and done fresh.

Each person here has a second factor, so a password alone, given again, changes nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote_plus

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.access.step_up import StepUp
from accounts.appeals import operations as appeals
from accounts.appeals.models import Appeal
from accounts.audit.models import AuditEvent
from accounts.companies.models import Membership
from accounts.identity.models import StaffRole, User
from accounts.invitations.models import Invitation
from accounts.keys import acting
from accounts.keys.models import ApiKey
from accounts.privacy.models import Erasure
from accounts.security import recoveries
from accounts.security.models import Recovery
from kit.money import Money
from marketplace.engagements.models import Terms
from payments.adjustments import operations as adjustments
from payments.adjustments.models import Adjustment
from payments.books import months
from payments.books.models import Month
from payments.connect.models import PayeeAccount
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.models import Withdrawal
from payments.paylines.models import PayLine
from payments.payroll import accrual, limits
from payments.payroll.models import PayRun
from payments.terms import operations as net_terms
from payments.terms.models import NetTerms
from tests import stories, totp
from tests.accounts.browsing import Api, browser, dollars, logs_in, proves, sets_up_an_app
from tests.payments.paylines.stage import Stage
from tests.payments.world import World, usd

TOO_LONG = {"minutes": 5, "seconds": 1}
NEW_PASSWORD = "another sentence to remember"
Door = Callable[[Client], HttpResponse]


@dataclass
class Doors:
    """One row: who does it, by the page and by JSON, and what is different once it is done."""

    user: User
    page: Door
    json: Door
    done: Callable[[], bool]


def posts(path: str, body: dict[str, Any]) -> Door:
    return lambda client: client.post(path, body)  # type: ignore[return-value] # Django's test client says so too


def calls(method: str, path: str, body: dict[str, Any] | None = None) -> Door:
    return lambda client: Api(client=client).send(method, path, body)


def asks_allauth(method: str, path: str, body: dict[str, Any]) -> Door:
    """allauth's own JSON, in a browser's session."""
    address, sent = f"/_allauth/browser/v1/{path}", json.dumps(body)
    return lambda client: client.generic(method, address, sent, "application/json")  # type: ignore[return-value] # as above


def someone() -> User:
    user = stories.a_person()
    stories.sets_up_a_second_factor(user)
    return user


def an_address(world: World) -> Doors:
    user, new = someone(), "new@example.org"
    return Doors(
        user,
        posts("/accounts/email/", {"action_add": "1", "email": new}),
        asks_allauth("POST", "account/email", {"email": new}),
        lambda: EmailAddress.objects.filter(user=user, email=new).exists(),
    )


def a_password(world: World) -> Doors:
    user = someone()
    both = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    sent = {"current_password": stories.PASSWORD, "new_password": NEW_PASSWORD}
    return Doors(
        user,
        posts("/accounts/password/change/", {"oldpassword": stories.PASSWORD} | both),
        asks_allauth("POST", "account/password/change", sent),
        lambda: User.objects.get(pk=user.pk).check_password(NEW_PASSWORD),
    )


def one_factor_less(world: World) -> Doors:
    user = someone()
    return Doors(
        user,
        posts("/accounts/2fa/totp/deactivate/", {}),
        asks_allauth("DELETE", "account/authenticators/totp", {}),
        lambda: not Authenticator.objects.filter(user=user).exists(),
    )


def recovery_codes(world: World) -> Doors:
    user = someone()
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES)
    before = codes.get().pk
    return Doors(
        user,
        posts("/accounts/2fa/recovery-codes/generate/", {}),
        asks_allauth("POST", "account/authenticators/recovery-codes", {}),
        lambda: codes.get().pk != before,
    )


def payouts(world: World) -> Doors:
    performer = world.performer(account=False)
    stories.sets_up_a_second_factor(performer.user)
    return Doors(
        performer.user,
        posts(reverse("payouts_setup"), {}),
        calls("POST", "me/payout-account/link"),
        lambda: PayeeAccount.objects.filter(performer=performer).exists(),
    )


def an_invitation(world: World) -> Doors:
    company, sent = stories.a_company(), {"email": "eve@example.org", "role": "producer"}
    return Doors(
        stories.person(stories.owner_of(company)),
        posts(f"/company/{company.public_id}/invitations/", sent),
        calls("POST", f"companies/{company.public_id}/invitations", sent),
        lambda: Invitation.objects.filter(company=company).exists(),
    )


def an_invitation_to_the_house(world: World) -> Doors:
    sent = {"email": "eve@example.org", "role": "finance"}
    return Doors(
        stories.a_member_of_staff(Staff.ADMIN),
        posts("/staff/invitations/", sent),
        calls("POST", "staff/invitations", sent),
        lambda: Invitation.objects.filter(company=None).exists(),
    )


def a_members_role(world: World) -> Doors:
    company = stories.a_company()
    member = stories.a_member(company, Role.PRODUCER)
    return Doors(
        stories.person(stories.owner_of(company)),
        posts(f"/company/{company.public_id}/members/{member.public_id}/", {"role": "reviewer"}),
        calls("PATCH", f"companies/{company.public_id}/members/{member.public_id}", {"role": "reviewer"}),
        lambda: Membership.objects.get(user=member).role == Role.REVIEWER,
    )


def a_member_taken_out(world: World) -> Doors:
    company = stories.a_company()
    member = stories.a_member(company, Role.PRODUCER)
    return Doors(
        stories.person(stories.owner_of(company)),
        posts(f"/company/{company.public_id}/members/{member.public_id}/", {"do": "remove"}),
        calls("DELETE", f"companies/{company.public_id}/members/{member.public_id}"),
        lambda: not Membership.objects.filter(user=member).exists(),
    )


def of_staff(
    act: str, body: dict[str, str], sent: dict[str, str], done: Callable[[User], bool]
) -> Callable[[World], Doors]:
    def doors(world: World) -> Doors:
        other = stories.a_member_of_staff(Staff.FINANCE)
        return Doors(
            stories.a_member_of_staff(Staff.ADMIN),
            posts(f"/staff/{other.public_id}/", body),
            calls("POST", f"staff/{other.public_id}/{act}", sent),
            lambda: done(other),
        )

    return doors


def a_key(world: World) -> Doors:
    company = stories.a_company()
    sent = {"name": "casting", "scopes": ["gigs:read"], "days": 9}
    return Doors(
        stories.person(stories.owner_of(company)),
        posts(f"/company/{company.public_id}/keys/", sent),
        calls("POST", f"companies/{company.public_id}/api-keys", sent),
        lambda: ApiKey.objects.filter(company=company).exists(),
    )


def a_recovery(world: World) -> Doors:
    lost = world.performer(account=False).user
    stories.sets_up_a_second_factor(lost)
    recovery, reason = recoveries.ask(user=lost, at=world.now), {"reason": "We spoke by telephone."}
    return Doors(
        stories.a_member_of_staff(Staff.TALENT),
        posts(f"/recoveries/{recovery.public_id}/", reason | {"answer": "agree"}),
        calls("POST", f"recoveries/{recovery.public_id}/agree", reason),
        lambda: Recovery.objects.get(pk=recovery.pk).state == "agreed",
    )


def an_agreement(world: World) -> Doors:
    performer = world.performer(account=False)
    stories.sets_up_a_second_factor(performer.user)
    engagement = stories.accepts(performer, stories.a_gig(world.company))
    terms = engagement.versions.latest("version")
    sent = {"name": performer.user.name}
    return Doors(
        performer.user,
        posts(
            reverse("engagement_sign", args=[engagement.public_id]), sent | {"read_sha256": terms.text_sha256}
        ),
        calls("POST", f"engagements/{engagement.public_id}/sign", sent | {"text_sha256": terms.text_sha256}),
        lambda: Terms.objects.filter(pk=terms.pk, performer_signed_at__isnull=False).exists(),
    )


def a_pay_run(world: World) -> Doors:
    world.earns(world.performer(), "100.00")
    run = world.a_frozen_run()
    sent = {"content_hash": run.content_hash}
    return Doors(
        stories.person(world.approver),
        posts(reverse("payday_approve", args=[run.public_id]), sent),
        calls("POST", f"pay-runs/{run.public_id}/approve", sent),
        lambda: PayRun.objects.get(pk=run.pk).state == "approved",
    )


def a_signing_limit(world: World) -> Doors:
    signer = stories.a_member_of_staff(Staff.FINANCE)
    sent = {"currency": "usd", "reason": "New here."}
    return Doors(
        stories.a_member_of_staff(Staff.ADMIN),
        posts(reverse("signer_limit", args=[signer.public_id]), sent | {"limit": "100.00"}),
        calls("POST", f"signers/{signer.public_id}/limit", sent | {"limit_minor": usd("100.00")}),
        lambda: limits.limit_of(signer.pk, "usd") == usd("100.00"),
    )


def a_copy_of_ones_data(world: World) -> Doors:
    user = someone()
    return Doors(
        user,
        posts("/settings/privacy/export/", {}),
        calls("POST", "me/export"),
        lambda: AuditEvent.objects.filter(verb="user.data_carried_away", thing=user.public_id).exists(),
    )


def being_forgotten(world: World) -> Doors:
    user = someone()
    return Doors(
        user,
        posts("/settings/privacy/erasure/", {}),
        calls("POST", "me/erasure"),
        lambda: Erasure.objects.filter(user=user).exists(),
    )


def a_withdrawal(world: World) -> Doors:
    company = stories.a_company()
    owner = acting.of_user(company.memberships.get().user)
    paid = funding.start(company=company, amount=Money(usd("500.00"), "usd"), by=owner, at=world.now)
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
    following.refresh(funding=paid, at=world.now)
    return Doors(
        stories.person(owner),
        posts(
            f"/company/{company.public_id}/wallet/withdraw/",
            {"withdraw-amount": "5.00", "withdraw-request_id": "req_1"},
        ),
        calls("POST", f"companies/{company.public_id}/withdrawals", {"amount": dollars(500)}),
        lambda: Withdrawal.objects.filter(company=company).exists(),
    )


def an_adjustment(world: World) -> Doors:
    world.earns(world.performer(), "74.00")
    accrual.accrue(at=world.now)
    made = adjustments.propose_fees_to_float(
        amount=Money(100, "usd"), reason="Settled.", by=world.freezer, at=world.now
    )
    return Doors(
        stories.person(world.approver),
        posts(f"/pay/adjustments/{made.public_id}/approve/", {}),
        calls("POST", f"adjustments/{made.public_id}/approve"),
        lambda: Adjustment.objects.filter(pk=made.pk, state="approved").exists(),
    )


def terms_of_payment(world: World) -> Doors:
    made = net_terms.propose(
        company=world.company,
        limit=Money(usd("100.00"), "usd"),
        pay_days=14,
        reason="A good year.",
        by=world.freezer,
        at=world.now,
    )
    return Doors(
        stories.person(world.approver),
        posts(f"/pay/terms/{made.public_id}/approve/", {}),
        calls("POST", f"net-terms/{made.public_id}/approve"),
        lambda: NetTerms.objects.filter(pk=made.pk, state="in_force").exists(),
    )


def an_appeal_for_good(world: World) -> Doors:
    """Filed once more: taken back again, it cannot come again."""
    performer = stories.a_performer()
    stories.sets_up_a_second_factor(performer.user)
    me, subject = stories.acting(performer), stories.is_suspended(performer, at=world.now).public_id
    first = appeals.file(subject=subject, text="No.", by=me, at=world.now)
    appeals.withdraw(appeal=first, by=me, at=world.now)
    again = appeals.file(subject=subject, text="Still no.", by=me, at=world.now)
    return Doors(
        performer.user,
        posts(f"/appeals/{again.public_id}/withdraw/", {}),
        calls("POST", f"appeals/{again.public_id}/withdraw"),
        lambda: Appeal.objects.filter(pk=again.pk, state="withdrawn").exists(),
    )


def a_month(world: World) -> Doors:
    made = months.propose(month=date(2026, 10, 1), by=world.freezer, at=world.now)
    sent = {"content_hash": made.content_hash}
    return Doors(
        stories.person(world.approver),
        posts(f"/books/months/{made.public_id}/approve/", sent),
        calls("POST", f"books/months/{made.public_id}/approve", sent),
        lambda: Month.objects.filter(pk=made.pk, state="closed").exists(),
    )


def a_month_opened_again(world: World) -> Doors:
    made = months.propose(month=date(2026, 10, 1), by=world.freezer, at=world.now)
    signs = stories.proved(world.approver, at=world.now)
    months.approve(month=made, seen_hash=made.content_hash, by=signs, at=world.now)
    months.ask_to_reopen(month=made, reason="A repair.", by=world.freezer, at=world.now)
    return Doors(
        stories.person(world.approver),
        posts(f"/books/months/{made.public_id}/open/", {}),
        calls("POST", f"books/months/{made.public_id}/open"),
        lambda: Month.objects.filter(pk=made.pk, state="reopened").exists(),
    )


def a_deduction(world: World) -> Doors:
    stage = Stage(world)
    line = stage.deduction("5.00")
    stories.sets_up_a_second_factor(stage.robin.user)
    return Doors(
        stage.robin.user,
        posts(f"/pay/lines/{line.public_id}/approve/", {}),
        calls("POST", f"pay-lines/{line.public_id}/approve"),
        lambda: PayLine.objects.filter(pk=line.pk, state="approved").exists(),
    )


ROWS: dict[StepUp, list[Callable[[World], Doors]]] = {
    StepUp.CHANGE_ADDRESS: [an_address],
    StepUp.CHANGE_PASSWORD: [a_password],
    StepUp.CHANGE_SECOND_FACTOR: [one_factor_less, recovery_codes],  # and the first, below
    StepUp.CHANGE_PAYOUTS: [payouts],
    StepUp.INVITE: [an_invitation, an_invitation_to_the_house],
    StepUp.CHANGE_MEMBERS: [a_members_role, a_member_taken_out],
    StepUp.CHANGE_STAFF: [
        of_staff(
            "withdraw",
            {"do": "finance"},
            {"role": "finance"},
            lambda user: not StaffRole.objects.filter(user=user).exists(),
        ),
        of_staff(
            "deactivate",
            {"do": "deactivate", "reason": "They left."},
            {"reason": "They left."},
            lambda user: not User.objects.get(pk=user.pk).is_active,
        ),
    ],
    StepUp.MAKE_KEY: [a_key],
    StepUp.DECIDE_RECOVERY: [a_recovery],
    StepUp.CARRY_DATA_AWAY: [a_copy_of_ones_data],
    StepUp.BE_FORGOTTEN: [being_forgotten],
    StepUp.LET_GO_OF_APPEAL: [an_appeal_for_good],
    StepUp.SIGN: [an_agreement],
    StepUp.APPROVE_PAY: [a_pay_run],
    StepUp.SET_SIGNING_LIMIT: [a_signing_limit],
    StepUp.WITHDRAW: [a_withdrawal],
    StepUp.MOVE_MONEY: [an_adjustment],
    StepUp.AGREE_TO_TERMS: [terms_of_payment],
    StepUp.CLOSE_MONTH: [a_month, a_month_opened_again],
    StepUp.AGREE_TO_DEDUCTION: [a_deduction],
}
CASES = [pytest.param(row, id=f"{act.name}-{n}") for act, rows in ROWS.items() for n, row in enumerate(rows)]


def test_every_row_of_the_table_is_here() -> None:
    assert set(ROWS) == set(StepUp)


@pytest.mark.parametrize("row", CASES)
@pytest.mark.parametrize("door", ["page", "json"])
def test_is_refused_stale_and_done_fresh(world: World, row: Callable[[World], Doors], door: str) -> None:
    doors = row(world)
    act = doors.page if door == "page" else doors.json
    client = logs_in(doors.user)
    world.wait(**TOO_LONG)
    asks_for_it(act(client), doors)
    client.post("/accounts/reauthenticate/", {"password": stories.PASSWORD})
    given = asks_allauth("POST", "auth/reauthenticate", {"password": stories.PASSWORD})(client)
    assert given.status_code == 200
    asks_for_it(act(client), doors)
    assert proves(client, doors.user).status_code == 302
    act(client)
    assert doors.done()


@pytest.mark.parametrize("row", CASES)
def test_is_done_by_no_session_that_never_saw_a_proof(world: World, row: Callable[[World], Doors]) -> None:
    doors = row(world)
    asks_for_it(doors.page(browser(doors.user)), doors)
    asks_for_it(doors.json(browser(doors.user)), doors)


def asks_for_it(answer: HttpResponse, doors: Doors) -> None:
    """A page leads to one's own question; the API says it by a code, and allauth's by the ways that there are."""
    assert not doors.done()
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
        return
    said = json.loads(answer.content)
    if answer.status_code == 401:
        flows = {flow["id"] for flow in said["data"]["flows"] if "types" in flow}
        assert flows == {"mfa_reauthenticate"}
        return
    assert (answer.status_code, said["code"]) == (403, "reauthentication_required")
    assert said["facts"]["prove_by"] == "second_factor"


class TestNothingTypedIsLost:
    def test_it_is_shown_after_the_proof_and_sent_by_a_press(self, world: World) -> None:
        company = stories.a_company()
        owner = stories.person(stories.owner_of(company))
        client, path = logs_in(owner), f"/company/{company.public_id}/invitations/"
        world.wait(**TOO_LONG)
        asked = client.post(path, {"email": "eve@example.org", "role": "reviewer"})
        assert asked.headers["Location"].endswith("?next=%2Fproved%2F")
        early = client.get("/proved/")
        assert early.headers["Location"] == "/today/"
        client.post(path, {"email": "eve@example.org", "role": "reviewer"})
        assert proves(client, owner, next="/proved/").headers["Location"] == "/proved/"
        page = client.get("/proved/").content.decode()
        assert "you wanted to invite someone" in page
        assert f'action="{path}"' in page
        assert not Invitation.objects.exists()
        for hidden in ('name="email" value="eve@example.org"', 'name="role" value="reviewer"'):
            assert hidden in page
        client.post(path, {"email": "eve@example.org", "role": "reviewer"})
        assert Invitation.objects.get().email == "eve@example.org"

    def test_but_a_password_is_kept_nowhere(self, world: World) -> None:
        user = someone()
        client = logs_in(user)
        world.wait(**TOO_LONG)
        both = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        client.post("/accounts/password/change/", {"oldpassword": stories.PASSWORD} | both)
        kept = unquote_plus(str(dict(client.session)))
        assert NEW_PASSWORD not in kept
        assert stories.PASSWORD not in kept


@pytest.mark.parametrize("door", ["page", "json"])
def test_the_first_second_factor_is_set_up_by_a_fresh_password(world: World, door: str) -> None:
    user = stories.a_person()
    client, path = logs_in(user), "account/authenticators/totp"
    world.wait(**TOO_LONG)
    secret = client.get(f"/_allauth/browser/v1/{path}").json()["meta"]["secret"]
    by_json = asks_allauth("POST", path, {"code": totp.code(secret)})
    assert by_json(client).status_code == 401
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not Authenticator.objects.filter(user=user).exists()
    proves(client, user)
    assert (sets_up_an_app(client) if door == "page" else by_json(client)).status_code in (200, 302)
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_someone_without_a_second_factor_proves_it_by_their_password(world: World) -> None:
    performer = world.performer(account=False)
    client = logs_in(performer.user)
    world.wait(**TOO_LONG)
    asked = client.post(reverse("payouts_setup"))
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    refused = Api(client=client).post("me/payout-account/link")
    assert json.loads(refused.content)["facts"]["prove_by"] == "password"
    proves(client, performer.user)
    client.post(reverse("payouts_setup"))
    assert PayeeAccount.objects.filter(performer=performer).exists()
