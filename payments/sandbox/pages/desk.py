"""The sandbox's own desk at `/`: what is there, and buttons for what may go wrong."""

from payments.sandbox import books
from payments.sandbox.clock import rfc3339
from payments.sandbox.engine import Engine
from payments.sandbox.faults import AFTER, BEFORE
from payments.sandbox.pages.html import Safe, field, fill, join, money, page, redirect
from payments.sandbox.webhooks import delivery
from payments.sandbox.wire import Json, Reply, Request, read_form

_SHOWN = 50
_DISTURBANCES = (
    ("duplicate", "Twice, same id (0 to 1)"),
    ("duplicate_distinct", "Twice, two ids (0 to 1)"),
    ("drop", "Lost (0 to 1)"),
    ("reorder", "Out of order (0 to 1)"),
    ("delay_s", "Late by seconds"),
)


def answer(sandbox: Engine, request: Request) -> Reply:
    """The desk, or one of its buttons."""
    if request.method == "POST":
        return _press(sandbox, request)
    if request.path != "/":
        return page("Not found", Safe("<h1>There is no such page here.</h1>"), status=404)
    return page("Stripe sandbox", _desk(sandbox))


def _press(sandbox: Engine, request: Request) -> Reply:
    # Another site's page must not press buttons here.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return page("Refused", Safe("<h1>Buttons work from this page only.</h1>"), status=403)
    form = read_form(request.body.decode())
    try:
        if request.path == "/desk/clock":
            sandbox.move_clock(by=float(form.get("hours") or 0) * 3600)
        elif request.path == "/desk/fault":
            order: Json = {"on": form.get("on"), "do": form.get("do"), "times": int(form.get("times") or 1)}
            sandbox.faults.add(order)
        elif request.path == "/desk/balance":
            _bring_in(sandbox, dollars=int(form.get("dollars") or 0))
        elif request.path == "/desk/webhooks":
            order = {name: float(form.get(name) or 0) for name in delivery.Disturbance.__slots__}
            delivery.disturb(sandbox.world, order)
        elif request.path == "/desk/faults/clear":
            sandbox.faults.clear()
        else:
            return page("Not found", Safe("<h1>There is no such button.</h1>"), status=404)
    except ValueError as problem:
        return page(
            "Not done", fill("<h1>Not done</h1><p class='problem'>{why}</p>", why=problem), status=400
        )
    return redirect("/")


def _bring_in(sandbox: Engine, *, dollars: int) -> None:
    """Money for every platform's balance, there at once: where a top-up would take days."""
    if not 0 < dollars < 100_000_000:
        raise ValueError("Between 1 and 99,999,999 dollars.")
    for platform in sandbox.world.store.select("kind = 'platform'"):
        books.record(
            sandbox.world,
            account=platform["id"],
            amount=dollars * 100,
            currency="usd",
            kind="adjustment",
            category="other_adjustment",
            source=platform["id"],
            counterpart="world/banks",
            source_type="card",
            description="Brought in at the sandbox's desk",
        )


def _desk(sandbox: Engine) -> Safe:
    world, store = sandbox.world, sandbox.world.store
    problems = books.problems(world)
    recent = f"ORDER BY seq DESC LIMIT {_SHOWN}"
    return join(
        [
            fill(
                "<h1 class='wide'>Stripe sandbox</h1><p>It is <strong>{now}</strong> here. The books {state}.</p>",
                now=rfc3339(world.clock.now()),
                state="balance" if not problems else f"are wrong: {'; '.join(problems)}",
            ),
            _buttons(sandbox),
            _table(
                "Accounts",
                ("Account", "Name", "Transfers", "Payouts", "Available", "Pending", "Owes"),
                [
                    _account_row(sandbox, account)
                    for account in store.select("kind IN ('account', 'platform')", (), tail=recent)
                ],
            ),
            _table(
                "Transfers",
                ("Transfer", "To", "Amount", "Reversed", "Group"),
                [
                    (t["id"], t["destination"], money(t["amount"], t["currency"]),
                     money(t["amount_reversed"], t["currency"]), t["transfer_group"] or "")
                    for t in store.select("kind = 'transfer'", (), tail=recent)
                ],
            ),
            _table(
                "Payouts",
                ("Payout", "Account", "Amount", "Status", "Why not"),
                [
                    (p["id"], store.owner(p["id"]) or "", money(p["amount"], p["currency"]), p["status"],
                     p["failure_code"] or "")
                    for p in store.select("kind = 'payout'", (), tail=recent)
                ],
            ),
            _table(
                "Events",
                ("Event", "Type", "About"),
                [
                    (e["id"], e["type"], _about(e))
                    for e in store.select("kind IN ('event', 'v2.core.event')", (), tail=recent)
                ],
            ),
            _table(
                "Webhook deliveries",
                ("Event", "Type", "To", "State", "Tries", "Answer"),
                [
                    (d["event"], d["type"], d["endpoint"], d["state"], str(d["attempts"]), str(d["status"] or ""))
                    for d in delivery.shown(world, limit=_SHOWN)
                ],
            ),
        ]
    )  # fmt: skip


def _about(event: Json) -> str:
    about = event.get("data", {}).get("object") or event.get("related_object") or {}
    return str(about.get("id", ""))


def _account_row(sandbox: Engine, account: Json) -> tuple[str, ...]:
    amounts = []
    for state in ("available", "pending"):
        held = books.held(sandbox.world, account=account["id"], state=state)
        amounts.append(", ".join(money(sum(by.values()), currency) for currency, by in held.items()) or "0")
    states = account["statuses"]
    return (
        account["id"],
        account["display_name"] or account["contact_email"] or "",
        states.get("stripe_transfers", ["closed" if account["closed"] else "-"])[0],
        states.get("payouts", ["-"])[0],
        *amounts,
        ", ".join(name.rpartition(".")[2] for name in account["owed"]),
    )


def _buttons(sandbox: Engine) -> Safe:
    disturbance = delivery.read_disturbance(sandbox.world)
    kinds = join([fill("<option>{kind}</option>", kind=kind) for kind in sorted(BEFORE | AFTER)])
    set_now = join(
        [
            fill("<li><code>{on}</code>: {do}, {left}</li>", on=fault["on"], do=fault["do"],
                 left="always" if fault["times"] is None else f"{fault['times']} more")
            for fault in sandbox.faults.shown()
        ]
    )  # fmt: skip
    return fill(
        "<h2>Make something happen</h2>"
        "<form method='post' action='/desk/clock' class='row'>{hours}<button>Move the clock forward</button></form>"
        "<form method='post' action='/desk/balance' class='row'>{dollars}<button>Bring money in</button></form>"
        "<form method='post' action='/desk/fault' class='row'>{on}"
        "<div class='field'><label for='do'>What goes wrong</label><select id='do' name='do'>{kinds}</select></div>"
        "{times}<button>Set this fault</button></form>"
        "<ul>{set_now}</ul>"
        "<form method='post' action='/desk/webhooks' class='row'>{disturbed}<button>Disturb the webhooks</button></form>"
        "<form method='post' action='/desk/faults/clear'><button class='plain'>Clear all faults</button></form>",
        disturbed=join(
            [field(label, name, str(getattr(disturbance, name))) for name, label in _DISTURBANCES]
        ),
        hours=field("Hours", "hours", "24", kind="number"),
        dollars=field("Dollars for the platform's balance", "dollars", "1000", kind="number"),
        on=field("On which request", "on", "POST /v1/transfers"),
        times=field("How often", "times", "1", kind="number"),
        kinds=kinds,
        set_now=set_now,
    )


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Safe:
    if not rows:
        return fill("<h2>{title}</h2><p>Nothing yet.</p>", title=title)
    return fill(
        "<h2>{title}</h2><div class='scroll' tabindex='0' role='region' aria-label='{title}'><table>"
        "<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>",
        title=title,
        heads=join([fill("<th scope='col'>{head}</th>", head=head) for head in heads]),
        rows=join([fill("<tr>{cells}</tr>", cells=_cells(row)) for row in rows]),
    )


def _cells(row: tuple[str, ...]) -> Safe:
    return join(
        [
            fill("<td class='number'>{cell}</td>" if _is_amount(cell) else "<td>{cell}</td>", cell=cell)
            for cell in row
        ]
    )


def _is_amount(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").removeprefix("-").partition(" ")[0].isdecimal()
