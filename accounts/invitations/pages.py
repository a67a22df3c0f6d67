"""Inviting, and answering: a company's members and the house's staff come by mail and by their own yes."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.roles import Role, Staff
from accounts.access.rules import Audience, allow
from accounts.companies import queries as companies
from accounts.companies.models import Company
from accounts.identity import operations as identity
from accounts.identity import queries as people
from accounts.invitations import operations, queries
from accounts.invitations.forms import InviteForm, MemberForm, StaffForm
from accounts.invitations.models import Invitation
from kit import clock
from kit.errors import NotFound


@allow(Audience.ANYONE)
@require_safe
def invitation(request: HttpRequest, invitation_id: str) -> HttpResponse:
    """Where the mail leads: who invites to what, and the two answers; without an account, the way to one."""
    actor, now = actor_of(request), clock.now()
    found = queries.by_mail(invitation_id)
    by_mail = operations.is_key_of(found, request.GET.get("key", ""))
    mine = Invitation.objects.to(actor).filter(pk=found.pk).exists()
    if not (by_mail or mine):
        raise NotFound
    if by_mail and actor.is_anonymous:
        # Whoever follows the link reads that address's mail, so signing up with it needs no second one.
        get_adapter().stash_verified_email(request, found.email)
    waits = Invitation.objects.waiting(at=now).filter(pk=found.pk).exists()
    context = {"invitation": found, "mine": mine, "waits": waits}
    return render(request, "accounts/invitation.html", context)


@allow(Audience.SIGNED_IN)
@require_POST
def answer(request: HttpRequest, invitation_id: str) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    found = queries.get_invitation(actor, invitation_id)
    match request.POST.get("answer"):
        case "accept":
            operations.accept(invitation=found, by=actor, at=now)
            messages.success(request, f"You act for {found.to_what} as {found.get_role_display().lower()}.")
        case "decline":
            operations.decline(invitation=found, by=actor, at=now)
            messages.success(request, "Declined. Who invited you is told.")
        case _:
            messages.error(request, "Nothing was changed. Accept it or decline it.")
    return redirect("today")


@allow(Audience.COMPANY)
@require_POST
def invite_member(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company, form = companies.get_company(actor, company_id), MemberForm(request.POST)
    return _invited(request, form, company) or _members(request, company, form)


@allow(Audience.COMPANY)
@require_safe
def members(request: HttpRequest, company_id: str) -> HttpResponse:
    """Who acts for a company, who is asked to, and the way to ask."""
    return _members(request, companies.get_company(actor_of(request), company_id), MemberForm())


def _members(request: HttpRequest, company: Company, form: MemberForm) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    is_owner = actor.may(Act.RUN_COMPANY, company_id=company.pk)
    context: dict[str, Any] = {
        "company": company,
        "is_owner": is_owner,
        "members": companies.members(company).order_by("id"),
        "roles": Role.choices,
        "invitations": queries.of_company(company, at=now) if is_owner else [],
        "form": form,
    }
    return render(request, "accounts/members.html", context, status=422 if form.errors else 200)


@allow(Audience.ADMIN)
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Who works in the house, who is asked to, and the way to ask."""
    return _staff(request, StaffForm())


@allow(Audience.ADMIN)
@require_POST
def invite_staff(request: HttpRequest) -> HttpResponse:
    form = StaffForm(request.POST)
    return _invited(request, form, None) or _staff(request, form)


def _staff(request: HttpRequest, form: StaffForm) -> HttpResponse:
    context = {
        "people": people.staff(),
        "invitations": queries.of_house(at=clock.now()),
        "form": form,
    }
    return render(request, "accounts/staff.html", context, status=422 if form.errors else 200)


@allow(Audience.ADMIN)
@require_POST
def change_staff(request: HttpRequest, user_id: str) -> HttpResponse:
    """Take a role away (`role`), or close and open the account (`do`), with the reason."""
    actor, user, now = actor_of(request), people.get_user(user_id), clock.now()
    reason = request.POST.get("reason", "")
    match request.POST.get("do"):
        case "deactivate":
            identity.deactivate(user=user, reason=reason, by=actor, at=now)
            messages.success(request, f"{user.name} can no longer come in.")
        case "reactivate":
            identity.reactivate(user=user, reason=reason, by=actor, at=now)
            messages.success(request, f"{user.name} can come in again.")
        case role if role in Staff.values:
            identity.withdraw(user=user, role=role, by=actor, at=now)
            messages.success(request, f"{user.name} is no longer {Staff(role).label.lower()}.")
        case _:
            messages.error(request, "Nothing was changed.")
    return redirect("staff")


@allow(Audience.COMPANY, Audience.ADMIN)
@require_POST
def withdraw(request: HttpRequest, invitation_id: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.get_invitation(actor, invitation_id)
    operations.withdraw(invitation=found, by=actor, at=clock.now())
    messages.success(request, "Taken back. The link in the mail leads nowhere now.")
    return _back_to(found.company)


def _invited(request: HttpRequest, form: InviteForm, company: Company | None) -> HttpResponse | None:
    """The way on where the invitation is sent; None where the form needs another look."""
    if not form.is_valid():
        return None
    try:
        operations.invite(**form.cleaned_data, company=company, by=actor_of(request), at=clock.now())
    except (operations.AlreadyThere, operations.InvitedTooOften) as refusal:
        form.add_error("email", f"{refusal.title}. {refusal.detail}")
        return None
    messages.success(request, f"{form.cleaned_data['email']} gets a mail, and answers it.")
    return _back_to(company)


def _back_to(company: Company | None) -> HttpResponse:
    """The page of those who act for the company, or work for the house."""
    return redirect("staff") if company is None else redirect("members", company_id=company.public_id)


urlpatterns = [
    path("invitation/<str:invitation_id>/", invitation, name="invitation"),
    path("invitation/<str:invitation_id>/answer/", answer, name="invitation_answer"),
    path("invitation/<str:invitation_id>/withdraw/", withdraw, name="invitation_withdraw"),
    path("company/<str:company_id>/members/", members, name="members"),
    path("company/<str:company_id>/invitations/", invite_member, name="member_invite"),
    path("staff/", staff, name="staff"),
    path("staff/invitations/", invite_staff, name="staff_invite"),
    path("staff/<str:user_id>/", change_staff, name="staff_change"),
]
