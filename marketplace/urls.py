"""Collects the rooms' pages, and the door where LiveKit's webhooks arrive."""

from marketplace.availability.pages import urlpatterns as availability
from marketplace.calendars.pages import urlpatterns as calendars
from marketplace.care.pages import urlpatterns as care
from marketplace.casting.company_pages import urlpatterns as answering
from marketplace.casting.pages import urlpatterns as casting
from marketplace.craft.pages import urlpatterns as craft
from marketplace.craft.tus import urlpatterns as tapes
from marketplace.deliveries.pages import urlpatterns as deliveries
from marketplace.desk.evidence_pages import urlpatterns as evidence
from marketplace.desk.gig_pages import urlpatterns as gig_pages
from marketplace.desk.posting_pages import urlpatterns as posting
from marketplace.desk.session_pages import urlpatterns as session
from marketplace.desk.talent_pages import urlpatterns as talent
from marketplace.desk.work_pages import urlpatterns as work
from marketplace.endings.pages import urlpatterns as endings
from marketplace.engagements.pages import urlpatterns as engagements
from marketplace.engagements.paper_pages import urlpatterns as papers
from marketplace.gigs.pages import urlpatterns as gigs
from marketplace.gigs.saved_pages import urlpatterns as searches
from marketplace.judging.pages import urlpatterns as judging
from marketplace.labels.own_pages import urlpatterns as own_labels
from marketplace.labels.pages import urlpatterns as labels
from marketplace.media.pages import urlpatterns as media
from marketplace.media.tus import urlpatterns as uploads
from marketplace.messages.pages import urlpatterns as messages
from marketplace.pools.pages import urlpatterns as pools
from marketplace.rights.pages import urlpatterns as rights
from marketplace.scenes.pages import urlpatterns as scenes
from marketplace.sessions.booking_pages import urlpatterns as booking
from marketplace.sessions.pages import urlpatterns as sessions
from marketplace.sessions.room_pages import urlpatterns as room
from marketplace.sessions.webhooks import urlpatterns as livekit
from marketplace.slots.pages import urlpatterns as slots
from marketplace.timekeeping.company_pages import urlpatterns as company_week
from marketplace.timekeeping.pages import urlpatterns as timekeeping
from marketplace.works.pages import urlpatterns as works
from marketplace.works.tus import urlpatterns as artefacts

urlpatterns = [
    *gigs,
    *searches,
    # Its fixed addresses stand before those that name a gig.
    *posting,
    *gig_pages,
    *casting,
    *answering,
    *craft,
    *tapes,
    *messages,
    *judging,
    *engagements,
    *papers,
    *rights,
    *deliveries,
    *endings,
    *sessions,
    *booking,
    *session,
    *work,
    *talent,
    *room,
    *scenes,
    *media,
    *uploads,
    *own_labels,
    *labels,
    *works,
    *artefacts,
    *care,
    *availability,
    *calendars,
    *pools,
    *slots,
    *timekeeping,
    *evidence,
    *company_week,
    *livekit,
]
