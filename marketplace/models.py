"""Collects the rooms' models for Django."""

from marketplace.availability.models import SpecialTime, WeeklyHours
from marketplace.calendars.models import CalendarFeed
from marketplace.care.models import Report, Word
from marketplace.casting.models import Answer, Application
from marketplace.engagements.models import Engagement, Terms
from marketplace.gigs.models import Gig, Prompt, ScreeningQuestion
from marketplace.media.models import ClockReading, Recording, Segment
from marketplace.pools.models import Pool, PoolMember
from marketplace.retries.models import Retry
from marketplace.rights.models import Grant, GrantEvent
from marketplace.scenes.models import CardUp, SceneNote, Take
from marketplace.sessions.models import (
    Mark,
    Move,
    PresenceDelivery,
    RoomLine,
    RoomToReckon,
    Seat,
    Series,
    Session,
    VideoRoom,
)
from marketplace.slots.models import Slot, SlotHold
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.video.models import Peer, Signal

__all__ = [
    "Answer",
    "Application",
    "CalendarFeed",
    "CardUp",
    "ClockReading",
    "Dispute",
    "Engagement",
    "Gig",
    "Grant",
    "GrantEvent",
    "Mark",
    "Move",
    "PayWeek",
    "Peer",
    "Pool",
    "PoolMember",
    "PresenceDelivery",
    "Prompt",
    "Recording",
    "Report",
    "Retry",
    "RoomLine",
    "RoomToReckon",
    "SceneNote",
    "ScreeningQuestion",
    "Seat",
    "Segment",
    "Series",
    "Session",
    "Signal",
    "Slot",
    "SlotHold",
    "SpecialTime",
    "Take",
    "Terms",
    "TimeLine",
    "Timesheet",
    "VideoRoom",
    "WeeklyHours",
    "Word",
]
