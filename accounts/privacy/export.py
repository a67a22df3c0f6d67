"""All of one's data, as a person can carry it away."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.postgresql.psycopg_any import Range
from django.db.models import Field, Model, QuerySet

from accounts.identity.models import User
from accounts.privacy.holdings import REGISTRY, Holding

IN_MEMORY = 2_000_000
README = """\
Everything that Callboard keeps about you, one file a table. Each file is a JSON array; times are in UTC, money in cents
(minor units). Other people and things stand under their id. Passwords and keys are not here: nobody can read them.

"""


def archive(user: User) -> IO[bytes]:
    """A zip of all that is `user`'s, rewound. It is never whole in memory and never stored."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the answer that sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        index = [README]
        for holding in REGISTRY.holdings:
            if holding.theirs is None:
                continue
            name = f"{holding.model.lower()}.json"
            index.append(f"{name}\n  {holding.what} {holding.why}\n")
            with into.open(name, "w", force_zip64=True) as member:
                for part in _as_json(holding, user):
                    member.write(part.encode())
        into.writestr("README.txt", "\n".join(index))
    file.seek(0)
    return file


def _as_json(holding: Holding, user: User) -> Iterator[str]:
    rows = holding.of(user).order_by("pk")
    before = "["
    for row in rows.values(*_columns(rows, holding.hidden)).iterator(chunk_size=2_000):
        yield f"{before}\n{json.dumps(row, cls=_Encoder)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _columns(rows: QuerySet[Model], hidden: frozenset[str]) -> list[str]:
    fields: list[Field[Any, Any]] = [
        each for each in rows.model._meta.concrete_fields if each.name not in hidden
    ]
    return [_column(each) for each in fields]


def _column(field: "Field[Any, Any]") -> str:
    """What stands elsewhere is named by its id in our API, where it has one."""
    other = field.related_model
    named = other is not None and any(each.name == "public_id" for each in other._meta.concrete_fields)
    return f"{field.name}__public_id" if named else field.name


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        match o:
            case bytes() | memoryview():
                return bytes(o).hex()
            case Range():
                return {"from": o.lower, "to": o.upper}
        return super().default(o)
