from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers import operations, photos
from accounts.performers.forms import PhotoForm, ProfileForm
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from accounts.performers.skills import ACCENTS, LANGUAGES, SKILLS
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    performer = get_own(actor)
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(performer)
    if request.method == "POST" and form.is_valid():
        try:
            operations.update_profile(performer=performer, **form.cleaned_data, by=actor, at=clock.now())
        except Invalid as refusal:
            put_refusal(form, refusal)
            return _page(request, performer, form, PhotoForm())
        messages.success(request, "Your profile is saved.")
        return redirect("onboarding" if request.GET.get("next") == "onboarding" else "profile")
    return _page(request, performer, form, PhotoForm())


@allow(Audience.PERFORMER)
@require_POST
def profile_photo(request: HttpRequest) -> HttpResponse:
    """One picture, or none. A refusal stands beside the field, and the one of before stays."""
    actor = actor_of(request)
    performer = get_own(actor)
    if request.POST.get("do") == "remove":
        photos.remove(performer=performer, by=actor, at=clock.now())
        messages.success(request, "Your picture is gone.")
        return redirect("profile")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        content = form.cleaned_data["photo"].read()
        try:
            photos.put(performer=performer, content=content, by=actor, at=clock.now())
        except Invalid as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, "Your picture is saved.")
            return redirect("profile")
    return _page(request, performer, ProfileForm.of(performer), form)


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
@require_GET
def photo(request: HttpRequest, photo_id: str) -> HttpResponse:
    shown = photos.to_show(
        photo_id=photo_id, signed=request.GET.get("signed", ""), by=actor_of(request), at=clock.now()
    )
    return HttpResponse(
        bytes(shown.content),
        content_type="image/jpeg",
        headers={"Cache-Control": "private, no-store", "Content-Disposition": "inline"},
    )


def _page(
    request: HttpRequest, performer: Performer, form: ProfileForm, photo_form: PhotoForm
) -> HttpResponse:
    context = {
        "form": form,
        "photo_form": photo_form,
        "photo_address": photos.address(performer, by=actor_of(request), at=clock.now()),
        "performer": performer,
        "skills": [SKILLS.get(name, name) for name in performer.skills],
        "languages": [LANGUAGES.get(name, name) for name in performer.languages],
        "accents": [ACCENTS.get(name, name) for name in performer.accents],
    }
    wrong = form.errors or photo_form.errors
    return render(request, "accounts/profile.html", context, status=422 if wrong else 200)


urlpatterns = [
    path("profile/", profile, name="profile"),
    path("profile/photo/", profile_photo, name="profile_photo"),
    path("photos/<str:photo_id>/", photo, name="photo"),
]
