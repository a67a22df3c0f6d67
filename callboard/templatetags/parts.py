"""Parts of a page that another room draws: the page names their route, so that no room imports what stands above it."""

from typing import Any

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.safestring import SafeString

from accounts.access.middleware import actor_of
from accounts.access.rules import admitted, declared

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: Context, name: str, **kwargs: Any) -> SafeString:
    """What the route `name` draws for this reader, here and now: it stands without scripts too. Nothing where no room
    offers it, where it is for someone else, and where it has nothing to say."""
    try:
        found = resolve(reverse(name, kwargs=kwargs or None))
    except NoReverseMatch:
        return SafeString()
    request = context["request"]
    if not admitted(actor_of(request), declared(found.func) or ()):
        return SafeString()
    drawn = found.func(request, *found.args, **found.kwargs)
    return SafeString(drawn.content.decode().strip())
