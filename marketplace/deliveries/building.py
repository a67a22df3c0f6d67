"""Putting a delivery together: what goes in is settled first, then shard by shard, so that who dies in the middle goes on there."""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Min
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.work_kinds import WorkKind as Kind
from kit import clock
from kit.instants import for_machines, to_the_microsecond
from kit.jobs import next_try
from marketplace.deliveries import annotations, shards, sheets, sources
from marketplace.deliveries.annotations import annotations_of
from marketplace.deliveries.croissant import LABELS, TABLE, Described, Labelled, Tables, describe
from marketplace.deliveries.models import DeliveredFile, DeliveredTrack, Delivery
from marketplace.deliveries.operations import is_granted, is_whole, note_use
from marketplace.deliveries.samples import Known, samples_of
from marketplace.deliveries.states import DeliveryState
from marketplace.gigs.models import PURPOSES
from marketplace.rights import receipts
from marketplace.rights.models import GrantReceipt, Use

log = structlog.get_logger(__name__)
BUILDER = Actor.of_system("deliveries")
# Whoever began is given up after so long; a shard is done in seconds.
A_TURN = timedelta(minutes=30)
MOST_AT_A_TIME = 5
# Of each application, the receipts of the grants under which it is delivered.
Proofs = Mapping[int, Sequence[GrantReceipt]]
DESCRIPTION, MANIFEST, RECEIPTS = "croissant.json", "manifest.json", "receipts.json"
AGREEMENT = "agreement.json"


def folder_of(delivery: Delivery) -> Path:
    return Path(settings.MEDIA_FOLDER) / "deliveries" / delivery.public_id


def build_due(*, at: datetime) -> None:
    """Put together what is due; one that fails waits longer each time, and holds up nobody."""
    due = Delivery.objects.filter(state=DeliveryState.ASKED, build_due_at__lte=at).order_by(
        "build_due_at", "id"
    )
    for pk in list(due.values_list("pk", flat=True)[:MOST_AT_A_TIME]):
        claimed = Delivery.objects.filter(pk=pk, state=DeliveryState.ASKED, build_due_at__lte=at)
        if not claimed.update(build_due_at=at + A_TURN, builds=F("builds") + 1):
            continue
        delivery = Delivery.objects.select_related("gig__company").get(pk=pk)
        try:
            _build(delivery, at=at)
        except Exception as error:  # a poison row backs off, is shown on its page, and holds up nobody
            log.exception("delivery_not_built", delivery=delivery.public_id, error=type(error).__name__)
            Delivery.objects.filter(pk=pk, state=DeliveryState.ASKED).update(
                build_due_at=next_try(at=at, tries=delivery.builds)
            )


def _build(delivery: Delivery, *, at: datetime) -> None:
    if not (_is_as_settled(delivery) and is_whole(delivery) and is_granted(delivery, at=at)):
        _settle(delivery, at=at)
    if not delivery.tracks.exists():
        with transaction.atomic():
            audit.move(delivery, DeliveryState.EMPTY, by=BUILDER, at=at, build_due_at=None)
            _tell(delivery, kind=Kind.DELIVERY_EMPTY, at=at)
        return
    proofs, done = _receipts(delivery), set(delivery.files.values_list("name", flat=True))
    for number in sorted(set(delivery.tracks.values_list("shard", flat=True))):
        if shards.name_of(number) not in done:
            # Nobody begins beside it while it goes on.
            delivery.build_due_at = clock.now() + A_TURN
            delivery.save(update_fields=["build_due_at"])
            samples = _samples(delivery, number, proofs, at=at)
            written = shards.write_shard(folder_of(delivery), number, samples)
            _keep(delivery, written)
    _finish(delivery, proofs, at=at)


@transaction.atomic
def _settle(delivery: Delivery, *, at: datetime) -> None:
    """What goes in, under what is granted now; a half-built one of before is forgotten."""
    delivery.tracks.all().delete()
    delivery.files.all().delete()
    shutil.rmtree(folder_of(delivery), ignore_errors=True)
    found = [sources.track_of(each) for each in sources.deliverable(delivery.gig, delivery.purposes, at=at)]
    numbers = shards.into_shards([sources.of_track(track).size for track in found])
    for track, number in zip(found, numbers, strict=True):
        track.delivery, track.shard = delivery, number
    DeliveredTrack.objects.bulk_create(found)
    delivery.proofs_sha256 = _digest(delivery)
    delivery.save(update_fields=["proofs_sha256"])


def _is_as_settled(delivery: Delivery) -> bool:
    """Whether something goes in, under the very grants that the shards already name, with what people said as it lies in them: one
    withdrawn and given again is another."""
    return delivery.tracks.exists() and delivery.proofs_sha256 == _digest(delivery)


def _digest(delivery: Delivery) -> str:
    cited = sorted(row.sha256 for rows in _receipts(delivery).values() for row in rows)
    said = annotations_of(delivery).names
    return hashlib.sha256(" ".join([*cited, *said]).encode()).hexdigest()


def _samples(delivery: Delivery, number: int, proofs: Proofs, *, at: datetime) -> Iterator[shards.Sample]:
    tracks = delivery.tracks.filter(shard=number).select_related(
        "delivery",
        "segment__recording__session__gig",
        "segment__seat__performer",
        "segment__seat__engagement",
        "artefact__commission",
        "performer",
    )
    known = Known(proofs, at=at, said=annotations_of(delivery))
    return samples_of(tracks.order_by("id"), known, folder=folder_of(delivery))


def _keep(delivery: Delivery, written: shards.Written) -> None:
    DeliveredFile.objects.create(
        delivery=delivery, name=written.name, size=written.size, sha256=written.sha256
    )


def _finish(delivery: Delivery, proofs: Proofs, *, at: datetime) -> None:
    folder = folder_of(delivery)
    delivery.files.exclude(name__startswith="data-").delete()
    rows = delivery.files.order_by("name")
    data = [shards.Written(each.name, each.size, each.sha256) for each in rows]
    table, about = shards.write_lines(folder, TABLE, _table(delivery, proofs)), _about(delivery, at=at)
    tables = Tables(table, *_write_labels(delivery))
    made = [
        *tables.written,
        shards.write_json(
            folder, RECEIPTS, receipts.handed_out(row for rows in proofs.values() for row in rows)
        ),
        shards.write_json(folder, DESCRIPTION, describe(about, data, tables=tables)),
        *_write_sheets(delivery, about, proofs, data),
    ]
    made.append(shards.write_json(folder, MANIFEST, _manifest(delivery, [*data, *made])))
    with transaction.atomic():
        for part in made:
            _keep(delivery, part)
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if not (_is_as_settled(locked) and is_whole(delivery) and is_granted(delivery, at=at)):
            # Withdrawn while it was put together: it is settled anew at the next turn.
            Delivery.objects.filter(pk=delivery.pk).update(build_due_at=at)
            return
        audit.move(locked, DeliveryState.READY, by=BUILDER, at=at, ready_at=at, build_due_at=None)
        note_use(delivery, kind=Use.Kind.DELIVERED, company_id=delivery.company_id, at=at)
        _tell(delivery, kind=Kind.DELIVERY_READY, at=at)


def _write_labels(delivery: Delivery) -> tuple[shards.Written, shards.Written] | tuple[()]:
    """The table of labels and how far annotators agree; nothing where nobody labelled anything."""
    said, folder = annotations_of(delivery), folder_of(delivery)
    if not said.all_labels:
        return ()
    found = annotations.agreement_file(annotations.counted(said))
    return (
        shards.write_lines(folder, LABELS, annotations.rows(delivery, said)),
        shards.write_json(folder, AGREEMENT, found),
    )


def _table(delivery: Delivery, proofs: Proofs) -> Iterator[dict[str, Any]]:
    rows = delivery.tracks.select_related(
        "segment__recording__session", "segment__seat", "artefact__commission", "performer"
    )
    said = annotations_of(delivery)
    for track in rows.order_by("id"):
        told, transcript = sources.of_track(track), said.transcript_of(track)
        yield {
            "key": track.key,
            "shard": shards.name_of(track.shard),
            "session": told.session,
            "piece": told.piece,
            "performer": track.performer.public_id,
            "recorded_at": to_the_microsecond(told.recorded_at),
            "offset_ms": told.offset_ms,
            "duration_ms": told.duration_ms,
            "sha256": track.sha256,
            "receipt": next((row.sha256 for row in proofs.get(track.application_id, ())), ""),
            "labels": len(said.labels_of(track)),
            "transcript": transcript.sha256 if transcript else "",
        }


def _manifest(delivery: Delivery, parts: list[shards.Written]) -> dict[str, Any]:
    return {
        "delivery": delivery.public_id,
        "gig": delivery.gig.public_id,
        "version": delivery.version,
        "purposes": delivery.purposes,
        "files": [{"name": each.name, "size": each.size, "sha256": each.sha256} for each in parts],
        "tracks": [
            {"key": track.key, "shard": shards.name_of(track.shard), "sha256": track.sha256}
            for track in delivery.tracks.order_by("id")
        ],
    }


def _about(delivery: Delivery, *, at: datetime) -> Described:
    rows = delivery.tracks.select_related("segment__recording__session", "artefact__commission")
    tracks = list(rows)
    told = [sources.of_track(track) for track in tracks]
    return Described(
        delivery_id=delivery.public_id,
        house=settings.PUBLIC_URL,
        company=delivery.gig.company.name,
        title=delivery.gig.title,
        scene=delivery.gig.scene,
        version=delivery.version,
        purposes={name: PURPOSES[name] for name in delivery.purposes},
        refused=[words for name, words in PURPOSES.items() if name not in delivery.purposes],
        at=at,
        tracks=len(tracks),
        sessions=len({each.session for each in told if each.session}),
        pieces=sum(bool(each.piece) for each in told),
        people=len({track.performer_id for track in tracks}),
        seconds=sum(each.duration_ms for each in told) // 1000,
        labelled=_labelled(delivery),
    )


def _labelled(delivery: Delivery) -> Labelled:
    said = annotations_of(delivery)
    found = annotations.counted(said)
    alphas = (found.agreement.emotion_thousandths, found.agreement.intensity_thousandths)
    return Labelled(
        labels=found.labels,
        by_performers=found.by_performers,
        annotators=found.annotators,
        pieces=found.agreement.pieces,
        emotions=said.emotions,
        alphas=alphas,
        transcripts=len(said.transcripts),
    )


def _write_sheets(
    delivery: Delivery, about: Described, proofs: Proofs, data: Sequence[shards.Written]
) -> Iterator[shards.Written]:
    """What the buyer has to publish, as data and to be read."""
    folder, facts = folder_of(delivery), _facts(delivery, about, proofs, data)
    for sheet in sheets.sheets(facts):
        yield shards.write_json(folder, f"{sheet.name}.json", sheets.as_data(sheet, facts))
        yield shards.write_text(folder, f"{sheet.name}.md", sheets.as_text(sheet, facts))


def _facts(
    delivery: Delivery, about: Described, proofs: Proofs, data: Sequence[shards.Written]
) -> sheets.Facts:
    started = Coalesce("segment__recording__started_at", "artefact__submitted_at")
    days = delivery.tracks.aggregate(first=Min(started), last=Max(started))
    rows = [row for rows in proofs.values() for row in rows]
    return sheets.Facts(
        delivery=about.delivery_id,
        house=about.house,
        company=about.company,
        title=about.title,
        scene=about.scene,
        version=about.version,
        purposes=about.purposes,
        # In the order in which they were granted, each text once.
        texts=list(dict.fromkeys(receipts.file_of(row)["receipt"]["grant"]["text"] for row in rows)),
        receipts=len(rows),
        people=about.people,
        sessions=about.sessions,
        recordings=about.tracks,
        pieces=about.pieces,
        seconds=about.seconds,
        bytes=sum(each.size for each in data),
        first_on=for_machines(days["first"].date()),
        last_on=for_machines(days["last"].date()),
        labels=about.labelled.labels,
        annotators=about.labelled.annotators,
        transcripts=about.labelled.transcripts,
    )


def _receipts(delivery: Delivery) -> Proofs:
    """Of each application the receipts of the grants under which it is delivered, as they became active."""
    found: defaultdict[int, list[GrantReceipt]] = defaultdict(list)
    rows = GrantReceipt.objects.filter(
        event__kind="active",
        event__grant__state="active",
        event__grant__purpose__in=delivery.purposes,
        event__grant__application_id__in=delivery.tracks.values("application_id"),
    )
    for row in rows.select_related("event__grant").order_by("id"):
        found[row.event.grant.application_id].append(row)
    return found


def _tell(delivery: Delivery, *, kind: Kind, at: datetime) -> None:
    tell_company(
        kind=kind,
        company_id=delivery.company_id,
        key=f"delivery:{delivery.public_id}:{kind.name.lower()}",
        about={"gig": delivery.gig.title, "version": str(delivery.version)},
        where={"delivery_id": delivery.public_id},
        at=at,
    )
