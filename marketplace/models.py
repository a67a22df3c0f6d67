"""Collects the rooms' models for Django."""

from marketplace.availability.models import SpecialTime, WeeklyHours
from marketplace.calendars.models import CalendarFeed
from marketplace.care.models import Report, Word
from marketplace.casting.models import Answer, Application
from marketplace.craft.models import Tape
from marketplace.deliveries.models import (
    DeletionOrder,
    DeliveredFile,
    DeliveredTrack,
    Delivery,
    Licence,
    ProvenanceAnchor,
)
from marketplace.engagements.models import Engagement, Paper, Signature, Terms
from marketplace.gigs.models import Gig, Prompt, ScreeningQuestion
from marketplace.judging.models import Criterion, Judge, Ruling, Tag, Verdict
from marketplace.labels.models import Annotator, Label, Labelling, Transcript
from marketplace.media.models import ClockReading, Recording, Segment
from marketplace.messages.models import Block, Flag, Message
from marketplace.pools.models import Pool, PoolMember
from marketplace.retries.models import Retry
from marketplace.rights.models import (
    Grant,
    GrantEvent,
    GrantReceipt,
    ReceiptChain,
    ReceiptKey,
    ReplicaSignature,
    Use,
    UseTerms,
)
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
from marketplace.works.models import Artefact, Commission, Review

__all__ = [
    "Annotator",
    "Answer",
    "Application",
    "Artefact",
    "Block",
    "CalendarFeed",
    "CardUp",
    "ClockReading",
    "Commission",
    "Criterion",
    "DeletionOrder",
    "DeliveredFile",
    "DeliveredTrack",
    "Delivery",
    "Dispute",
    "Engagement",
    "Flag",
    "Gig",
    "Grant",
    "GrantEvent",
    "GrantReceipt",
    "Judge",
    "Label",
    "Labelling",
    "Licence",
    "Mark",
    "Message",
    "Move",
    "Paper",
    "PayWeek",
    "Peer",
    "Pool",
    "PoolMember",
    "PresenceDelivery",
    "Prompt",
    "ProvenanceAnchor",
    "ReceiptChain",
    "ReceiptKey",
    "Recording",
    "ReplicaSignature",
    "Report",
    "Retry",
    "Review",
    "RoomLine",
    "RoomToReckon",
    "Ruling",
    "SceneNote",
    "ScreeningQuestion",
    "Seat",
    "Segment",
    "Series",
    "Session",
    "Signal",
    "Signature",
    "Slot",
    "SlotHold",
    "SpecialTime",
    "Tag",
    "Take",
    "Tape",
    "Terms",
    "TimeLine",
    "Timesheet",
    "Transcript",
    "Use",
    "UseTerms",
    "Verdict",
    "VideoRoom",
    "WeeklyHours",
    "Word",
]
