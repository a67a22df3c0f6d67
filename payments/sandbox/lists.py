"""Pages of objects: v1 by `limit`, `starting_after` and `has_more`; v2 by page tokens."""

import base64
from typing import Any

from payments.sandbox.errors import invalid, missing
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

_MAX_LIMIT = 100
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_COLUMNS = {"group": "grp = ?", "ref": "ref = ?", "seq_below": "seq < ?"}


def read_limit(params: Json, *, default: int = 10) -> int:
    """`limit`, which must lie between 1 and 100."""
    limit = int(params.get("limit", default))
    if limit < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param="limit", code="parameter_invalid_integer"
        )
    if limit > _MAX_LIMIT:
        raise invalid(
            "This value must be less than or equal to 100.", param="limit", code="parameter_invalid_integer"
        )
    return limit


def list_objects(call: Call, *, kind: str, url: str, **filters: Any) -> Json:
    """A v1 page of the acting account's objects of `kind`, newest first.

    `filters` are exact matches: `group` and `ref` on the indexed columns, any other name on the object's own field;
    None filters nothing. Honours `created`, `limit`, `starting_after` and `ending_before`.
    """
    params, store = call.params, call.world.store
    where, values = _conditions(call.account, kind, {**filters, "created": params.get("created")})
    limit, order = read_limit(params), "DESC"
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            seq = store.position(params[name], kind=kind, account=call.account)
            if seq is None:
                raise missing(kind, params[name], param=name, status=400)
            where.append(f"seq {sign} ?")
            values.append(seq)
            order = "DESC" if sign == "<" else "ASC"
    found = store.select(" AND ".join(where), values, tail=f"ORDER BY seq {order} LIMIT {limit + 1}")
    page = found[:limit]
    if order == "ASC":
        page.reverse()
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": page}


def _conditions(account: str, kind: str, filters: Json) -> tuple[list[str], list[Any]]:
    where, values = ["account = ?", "kind = ?"], [account, kind]
    created = filters.pop("created", None)
    for name, value in filters.items():
        if value is None:
            continue
        where.append(_COLUMNS.get(name, f"json_extract(body, '$.{name}') = ?"))
        values.append(value)
    if created is not None:
        bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
        for name, bound in bounds.items():
            where.append(f"created {_COMPARISONS[name]} ?")
            values.append(bound)
    return where, values


def embedded_list(data: list[Json], *, url: str) -> Json:
    """A list inside an object, such as a transfer's reversals."""
    return {"object": "list", "data": data, "has_more": False, "url": url}


def list_v2(world: World, *, documents: list[Json], url: str, params: Json) -> Json:
    """A v2 page over documents that are already filtered and in order."""
    limit = read_limit(params, default=20)
    start = _read_page(params.get("page"))
    page, rest = documents[start : start + limit], len(documents) > start + limit
    separator = "&" if "?" in url else "?"
    return {
        "data": page,
        "next_page_url": f"{url}{separator}limit={limit}&page={_page_token(start + limit)}" if rest else None,
        "previous_page_url": (
            f"{url}{separator}limit={limit}&page={_page_token(max(0, start - limit))}" if start else None
        ),
    }


def _page_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"page:{start}".encode()).decode().rstrip("=")


def _read_page(token: object) -> int:
    if token is None:
        return 0
    problem = invalid("The page token is not valid.", param="page")
    if not isinstance(token, str):
        raise problem
    try:
        start = int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().removeprefix("page:"))
    except ValueError:
        raise problem from None
    if start < 0:
        raise problem
    return start
