from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers import operations
from accounts.performers.forms import ProfileForm
from accounts.performers.queries import get_own
from accounts.performers.skills import LANGUAGES, SKILLS
from kit import clock


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    performer = get_own(actor)
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(performer)
    if request.method == "POST" and form.is_valid():
        operations.update_profile(performer=performer, **form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, "Your profile is saved.")
        return redirect("onboarding" if request.GET.get("next") == "onboarding" else "profile")
    return render(
        request,
        "accounts/profile.html",
        {
            "form": form,
            "performer": performer,
            "skills": [SKILLS.get(name, name) for name in performer.skills],
            "languages": [LANGUAGES.get(name, name) for name in performer.languages],
        },
        status=422 if form.errors else 200,
    )


urlpatterns = [path("profile/", profile, name="profile")]
