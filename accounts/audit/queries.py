from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent
from kit.errors import NotFound
from kit.ids import TypedIdField

# A sealed row keeps the word of its time; it is shown under today's: {verb then: (verb now, state then, state now)}.
RENAMED = {"session.reconciled": ("session.time_recorded", "reconciled", "time_recorded")}


def in_todays_words(shown: dict[str, Any]) -> dict[str, Any]:
    """An event as it is shown, where its state has another name since it was written."""
    if shown["verb"] not in RENAMED:
        return shown
    verb, then, now = RENAMED[shown["verb"]]
    return shown | {"verb": verb, "to_state": now if shown["to_state"] == then else shown["to_state"]}


def trail(actor: Actor, thing: str) -> QuerySet[AuditEvent]:
    """What happened to the thing with that public id. Raises NotFound (404) for what the actor may not see.

    Any model with a public id and a `visible_to` answers for itself, so a higher app's things need no entry here.
    """
    model = _model_of(thing)
    manager = getattr(model, "objects", None)
    if model is None or not hasattr(manager, "visible_to"):
        raise NotFound
    if not manager.visible_to(actor).filter(public_id=thing).exists():  # type: ignore[union-attr] # looked for above
        raise NotFound
    return AuditEvent.objects.filter(thing=thing)


def _model_of(public_id: str) -> type[Model] | None:
    prefix = public_id.rpartition("_")[0]
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, TypedIdField) and field.name == "public_id" and field.prefix == prefix:
                return model
    return None
