"""Collects the rooms' endpoints."""

from django.urls import URLPattern, URLResolver

from marketplace.availability.api import urlpatterns as availability
from marketplace.calendars.api import urlpatterns as calendars
from marketplace.care.api import urlpatterns as care
from marketplace.casting.api import urlpatterns as casting
from marketplace.craft.api import urlpatterns as craft
from marketplace.deliveries.api import urlpatterns as deliveries
from marketplace.desk.desk_api import urlpatterns as desk
from marketplace.desk.posting_api import urlpatterns as posting
from marketplace.desk.suspension_api import urlpatterns as suspensions
from marketplace.endings.api import urlpatterns as endings
from marketplace.engagements.agreement_api import urlpatterns as agreements
from marketplace.engagements.api import urlpatterns as engagements
from marketplace.gigs.api import urlpatterns as gigs
from marketplace.gigs.saved_api import urlpatterns as searches
from marketplace.judging.api import urlpatterns as judging
from marketplace.labels.api import urlpatterns as labels
from marketplace.media.api import urlpatterns as media
from marketplace.messages.api import urlpatterns as messages
from marketplace.pools.api import urlpatterns as pools
from marketplace.rights.api import urlpatterns as rights
from marketplace.scenes.api import urlpatterns as scenes
from marketplace.sessions.api import urlpatterns as sessions
from marketplace.sessions.room_api import urlpatterns as room
from marketplace.slots.api import urlpatterns as slots
from marketplace.timekeeping.line_api import urlpatterns as lines
from marketplace.timekeeping.week_api import urlpatterns as weeks
from marketplace.video.api import urlpatterns as video
from marketplace.works.api import urlpatterns as works

urlpatterns: list[URLPattern | URLResolver] = [
    *posting,
    *gigs,
    *searches,
    *casting,
    *craft,
    *messages,
    *judging,
    *engagements,
    *agreements,
    *rights,
    *deliveries,
    *sessions,
    *room,
    *video,
    *scenes,
    *media,
    *labels,
    *works,
    *care,
    *availability,
    *calendars,
    *pools,
    *slots,
    *lines,
    *weeks,
    *endings,
    *suspensions,
    *desk,
]
