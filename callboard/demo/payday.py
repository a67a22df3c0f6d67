"""What becomes of the week's money: a run that two people in finance make, the payday, and its arrival in the banks."""

from callboard.demo.plan import DAYS
from callboard.demo.stage import Stage
from callboard.demo.waiting import until


def close_and_approve(stage: Stage) -> str:
    """Finance closes the week; one freezes, another proves who they are and approves what they saw. The run's id."""
    freezer, approver = stage.people.staff["finance1"], stage.people.staff["finance2"]
    run = freezer.post("pay-runs", week=stage.monday, currency="usd")
    path = f"pay-runs/{run['id']}"
    if run["state"] == "draft":
        run = freezer.post(f"{path}/freeze")
    if run["state"] == "frozen":
        seen = approver.get(path)["content_hash"]
        approver.proves_it_is_them()
        approver.post(f"{path}/approve", content_hash=seen)
    return str(run["id"])


def play(stage: Stage, run_id: str, *, kills: int = 0) -> None:
    """The workers pay, through the whole protocol, while you watch; they are killed `kills` times on the way."""
    finance = stage.people.staff["finance1"]
    total = sum(finance.get(f"pay-runs/{run_id}")["items"].values())
    shown = iter(stage.people.track("Payday", range(total)))
    moments = [total * nth // (kills + 1) for nth in range(1, kills + 1)]
    reached = 0

    def over() -> bool:
        nonlocal reached
        run = finance.get(f"pay-runs/{run_id}")
        waits = _waits_for_stripe(stage, run_id)
        done = total - waits - sum(run["items"].get(state, 0) for state in ("ready", "sending"))
        for _ in range(reached, done):
            next(shown, None)
        reached = max(reached, done)
        if moments and done >= moments[0]:
            moments.pop(0)
            stage.kill_worker()
        return bool(run["state"] == "paid") and not waits

    until("the run is paid", over, "payouts.sweep", "connect.sweep")
    for _ in shown:
        pass


def _waits_for_stripe(stage: Stage, run_id: str) -> int:
    """How many are held until their account was read anew: the house's clock was moved by weeks, so at first all of them."""
    finance, path, cursor = stage.people.staff["finance1"], f"pay-runs/{run_id}/items?limit=100", ""
    codes: list[str] = []
    while True:
        page = finance.get(f"{path}&cursor={cursor}" if cursor else path)
        codes += [item["hold"]["code"] for item in page["data"] if item["hold"]]
        cursor = page["next_cursor"] or ""
        if not cursor:
            return codes.count("account_not_fresh")


def money_arrives(stage: Stage, run_id: str) -> None:
    """A few days pass at Stripe; the banks say that it arrived."""
    finance = stage.people.staff["finance1"]

    def arrived() -> bool:
        return not finance.get(f"pay-runs/{run_id}")["items"].get("sent", 0)

    if not arrived():
        stage.people.hands.days_pass(DAYS)
    until("the money is in the banks", arrived, "webhooks.sweep", "payouts.settle")
