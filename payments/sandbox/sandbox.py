"""The front door: one request in, one reply out, with everything that Stripe promises about it.

The order of things: authenticate, rate limit, route, faults that come before, the account, parameters, the
idempotency key, the object's lock; then, in one transaction, replay, refuse on order or carry out; then the faults
that come after.
"""

import logging
import random
import re
import secrets
import threading
import time
from pathlib import Path

from payments.sandbox import control, errors, idempotency, rooms
from payments.sandbox.accounts import records
from payments.sandbox.accounts.v1_documents import render_account
from payments.sandbox.clock import Clock
from payments.sandbox.errors import ApiError
from payments.sandbox.expand import expand, public
from payments.sandbox.faults import AFTER, BEFORE, INSTEAD, Fault, Faults
from payments.sandbox.idempotency import InFlight, KeyedRequest
from payments.sandbox.ids import Ids, platform_of_key
from payments.sandbox.limits import Buckets, ObjectLocks
from payments.sandbox.pages import desk, hosted
from payments.sandbox.params import read_params
from payments.sandbox.router import Route
from payments.sandbox.store import Store
from payments.sandbox.webhooks import delivery
from payments.sandbox.wire import (
    Json,
    MalformedBodyError,
    Reply,
    Request,
    json_reply,
    read_form,
    read_json,
    split_target,
)
from payments.sandbox.world import Call, Cause, Options, World

log = logging.getLogger("sandbox")

_MOST_DUE_AT_ONCE = 100_000
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?(; *\w+=\w+)*")


class Sandbox:
    """One Stripe, driven by `handle`. Safe for threads. With no directory its books are in memory.

    `seed` and `now` (seconds since 1970) count for new books; older ones go on where they stood.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        seed: str | int | None = None,
        options: Options | None = None,
        now: float | None = None,
    ) -> None:
        store = Store(directory)
        if now is not None and store.noted("clock_offset_s") is None:
            store.note("clock_offset_s", str(now - time.time()))
        chosen = store.noted("seed") or str(seed if seed is not None else secrets.token_hex(8))
        store.note("seed", chosen)
        frozen = store.noted("clock_frozen_at")
        self.world: World = World(
            store=store,
            clock=Clock(
                offset_s=float(store.noted("clock_offset_s") or 0),
                frozen_at=float(frozen) if frozen else None,
            ),
            ids=Ids(seed=chosen, drawn=int(store.noted("ids_drawn") or 0)),
            chance=random.Random(f"{chosen}:chance"),  # noqa: S311 - chance on order, not a secret
            options=options or Options(),
            on_event=delivery.offer,
        )
        delivery.take_back_unsent(self.world)
        self.faults = Faults(chosen)
        self.lock = threading.RLock()
        self._closed = False
        self._known_platforms: set[str] = set()
        self._buckets = Buckets(self.world.options.rate_per_s)
        self._in_flight = InFlight()
        self._object_locks = ObjectLocks(self.world.options.lock_wait_s)
        self._router = rooms.router()
        self._due = rooms.due_actions()

    def close(self) -> None:
        """Close the books; whoever asks afterwards finds nobody there."""
        with self.lock:
            self._closed = True
            self.world.store.close()

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        """Answer one request; `target` is the path with its query. Never raises."""
        path, query = split_target(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        request = Request(method.upper(), path, query, lowered, body)
        request_id = f"req_{secrets.token_urlsafe(10).replace('-', 'A').replace('_', 'B')}"
        try:
            if path.startswith("/_sandbox/"):
                return control.answer(self, request)
            if not path.startswith(("/v1/", "/v2/")):
                return self._page(request)
            reply = self._api(request, request_id)
        except ApiError as refusal:
            reply = _refusal(refusal, path)
        except Exception:
            if self._closed:
                return Reply(0, b"", fate="drop")
            log.exception("The sandbox failed on %s %s", method, path)
            reply = _refusal(errors.broken(), path)
        reply.headers |= {"Request-Id": request_id}
        reply.headers["Stripe-Version"] = lowered.get("stripe-version", self.world.options.api_version)
        if "idempotency-key" in lowered:
            reply.headers["Idempotency-Key"] = lowered["idempotency-key"]
        return reply

    def _page(self, request: Request) -> Reply:
        """A page for people: hosted onboarding, hosted checkout, or the sandbox's own desk."""
        with self.lock:
            self._run_due()
            with self.transaction():
                return hosted.answer(self.world, request) or desk.answer(self, request)

    def _api(self, request: Request, request_id: str) -> Reply:
        key = _authenticate(request.headers.get("authorization", ""))
        platform = platform_of_key(key)
        found = self._router.find(request.method, request.path)
        if found is None:
            raise errors.ApiError(
                f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs "
                "or we can help at https://support.stripe.com/.",
                status=404,
                executed=False,
            )
        route, holes = found
        _check_version(request, route)
        self._buckets.take(platform=platform, method=request.method, pattern=route.pattern)
        fault = self.faults.meet(request.method, request.path)
        if fault is not None and fault.do in BEFORE:
            if fault.do == "drop_before":
                return Reply(0, b"", fate="drop")
            raise fault.error()
        account = self._acting_account(request, key, platform)
        values = _read_values(request, route)
        params = read_params(route.params, values, version=route.version, extra=route.extra)
        call = Call(self.world, platform, account, holes, params)
        keyed = idempotency.read_key(
            key=request.headers.get("idempotency-key"),
            method=request.method,
            version=route.version,
            account=account,
            path=request.path,
            params=values,
        )
        with self._in_flight.entered(keyed), self._object_locks.holding(_written_object(request, holes)):
            if self.world.options.latency_s:
                time.sleep(self.world.options.latency_s)
            return self._execute(route, call, keyed, fault, request_id)

    def _acting_account(self, request: Request, key: str, platform: str) -> str:
        """The platform, or the connected account that `Stripe-Account` (v2: `Stripe-Context`) names."""
        named = request.headers.get("stripe-account") or request.headers.get("stripe-context") or platform
        named = named.rpartition("/")[2]
        if named == platform and platform in self._known_platforms:
            return platform
        with self.lock, self.transaction():
            records.ensure_platform(self.world, platform)
            self._known_platforms.add(platform)
            if named == platform:
                return platform
            account = records.find_connected(self.world, platform=platform, account_id=named)
        if account is None or account["closed"]:
            raise errors.account_invalid(key, named)
        return named

    def _execute(
        self, route: Route, call: Call, keyed: KeyedRequest | None, fault: Fault | None, request_id: str
    ) -> Reply:
        """Effect, events and idempotency record in one transaction; then what the fault makes of the answer."""
        with self.lock:
            self._run_due()
            with self.transaction():
                if keyed is not None and (replayed := idempotency.replay(self.world, keyed)):
                    lost = fault if fault and fault.do in ("drop_after", "hang_after") else None
                    return _after(replayed, lost, route.pattern)
                self.world.cause = Cause(request_id, keyed.key if keyed else None)
                try:
                    reply = self._run(route, call, fault)
                finally:
                    self.world.cause = Cause()
                answer = _after(reply, fault, route.pattern)
                if keyed is not None:
                    # v1 replays what the caller was told, a 500 included; v2 would answer with the real outcome.
                    kept = answer if keyed.version == 1 and answer.fate == "answer" else reply
                    idempotency.keep(self.world, keyed, kept, request_id=request_id)
                return answer

    def _run(self, route: Route, call: Call, fault: Fault | None) -> Reply:
        """The endpoint's answer; a refusal that executed is an answer too, and leaves no effect behind."""
        try:
            if fault is not None and fault.do in INSTEAD:
                raise fault.error()
            with self.world.store.transaction():
                outcome = self._result(route, call)
        except ApiError as refusal:
            if not refusal.executed:
                raise
            outcome = refusal
        if isinstance(outcome, ApiError):
            return _refusal(outcome, route.pattern)
        return json_reply(outcome)

    def _result(self, route: Route, call: Call) -> Json | ApiError:
        try:
            document = public(route.operation(call))
        except ApiError as refusal:
            if refusal.keeps_effects:
                return refusal
            raise
        if document.get("object") == "list" or "next_page_url" in document:
            document["data"] = [public(item) for item in document["data"]]
        if route.version == 1 and "expand" in call.params:
            expand(document, call.params["expand"], look_up=self._shown)
        return document

    def _shown(self, object_id: str) -> Json | None:
        """An object as the v1 API shows it, for expansion."""
        found = self.world.store.find(object_id)
        if found is not None and found["object"] in ("account", "platform"):
            return render_account(self.world, found)
        return public(found) if found is not None else None

    def transaction(self) -> "Transaction":
        """A transaction on the books; take `lock` first."""
        return Transaction(self.world)

    def _run_due(self) -> None:
        """Everything that the clock has brought since the last request, each at its own time."""
        world = self.world
        for _ in range(_MOST_DUE_AT_ONCE):
            due = world.store.next_due(until=world.clock.now())
            if due is None:
                return
            seq, at, what, ref = due
            with self.transaction(), world.clock.held(at):
                world.store.db.execute("DELETE FROM due WHERE seq = ?", (seq,))
                self._due[what](world, ref)

    def tick(self) -> None:
        """Let the clock's work be done without a request; the server does so several times a second."""
        with self.lock:
            self._run_due()

    def move_clock(
        self, *, to: float | None = None, by: float | None = None, frozen: bool | None = None
    ) -> float:
        """Move the clock forward and do all that falls due on the way. Raises ValueError on a step back."""
        with self.lock:
            clock = self.world.clock
            if to is not None:
                # A second of grace: "now" as the caller knew it has passed meanwhile.
                by = to - clock.now()
                by = max(by, 0) if by > -1 else by
            clock.advance(by or 0)
            if frozen is True:
                clock.freeze()
            elif frozen is False:
                clock.thaw()
            self._note_clock()
            self._run_due()
            return clock.now()

    def _note_clock(self) -> None:
        clock, store = self.world.clock, self.world.store
        with store.transaction():
            store.note("clock_offset_s", str(clock.offset_s))
            store.note("clock_frozen_at", "" if clock.frozen_at is None else str(clock.frozen_at))

    def reload(self) -> None:
        """After a restore: what is kept in memory follows the books again."""
        store, world = self.world.store, self.world
        frozen = store.noted("clock_frozen_at")
        world.clock.offset_s = float(store.noted("clock_offset_s") or 0)
        world.clock.frozen_at = float(frozen) if frozen else None
        # Ids go on from where they were: what was made after the snapshot must never be mistaken for something new.
        world.ids.drawn = max(world.ids.drawn, int(store.noted("ids_drawn") or 0))
        store.note("ids_drawn", str(world.ids.drawn))
        self._known_platforms.clear()

    def deliver(self, send: delivery.Send, *, limit: int = 50) -> int:
        """Send the webhooks that are due through `send`, and say how many were tried.

        `send(url, headers, body)` returns the HTTP status, 0 when there was no answer. The books are not locked
        while it runs.
        """
        with self.lock:
            self._run_due()
            with self.transaction():
                parcels = delivery.due_parcels(self.world, limit=limit)
        for parcel in parcels:
            status = send(parcel.url, parcel.headers, parcel.body)
            with self.lock, self.transaction():
                delivery.note_outcome(self.world, parcel.seq, status=status)
        return len(parcels)


class Transaction:
    """A transaction of the store that also keeps how many ids were drawn."""

    def __init__(self, world: World) -> None:
        self._world, self._inner, self._drawn = world, world.store.transaction(), world.ids.drawn

    def __enter__(self) -> None:
        self._inner.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: object
    ) -> None:
        if kind is None and self._world.ids.drawn != self._drawn:
            self._world.store.note("ids_drawn", str(self._world.ids.drawn))
        self._inner.__exit__(kind, problem, trace)  # type: ignore[arg-type]  # contextlib wants its own trace type


def _authenticate(header: str) -> str:
    scheme, _, key = header.partition(" ")
    if scheme != "Bearer" or not key:
        raise errors.unauthenticated(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if key.startswith(("sk_live_", "rk_live_")):
        raise errors.unauthenticated(
            "This is a sandbox: it refuses live keys. Use a key that begins with sk_test_."
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise errors.unauthenticated(f"Invalid API Key provided: {key[:3]}{'*' * 8}")
    return key


def _check_version(request: Request, route: Route) -> None:
    """v2 needs a version; a version that never was is refused in both."""
    version = request.headers.get("stripe-version")
    if version is None and route.version == 2:
        raise errors.invalid(
            "The Stripe-Version header is required for v2 requests.", code="missing_stripe_version"
        )
    if version is not None and not _VERSION.fullmatch(version):
        raise errors.invalid(f"Invalid Stripe API version: {version}")


def _read_values(request: Request, route: Route) -> Json:
    try:
        values = read_form(request.query)
        if request.method != "GET":
            values |= read_json(request.body) if route.version == 2 else read_form(request.body.decode())
    except (MalformedBodyError, UnicodeDecodeError) as problem:
        raise errors.invalid(str(problem)) from problem
    return values


def _written_object(request: Request, holes: dict[str, str]) -> str | None:
    """The object of the path that a request writes to: Stripe lets one request at a time do so."""
    return next(iter(holes.values()), None) if request.method != "GET" else None


def _refusal(problem: ApiError, path: str) -> Reply:
    """An error as the API of that path words it."""
    document = problem.document_v2() if path.startswith("/v2/") else problem.document()
    return json_reply(document, status=problem.status, headers=problem.headers)


def _after(reply: Reply, fault: Fault | None, path: str) -> Reply:
    """What the caller sees when a fault comes after the effect."""
    if fault is None or fault.do not in AFTER:
        return reply
    if fault.do == "drop_after":
        return Reply(reply.status, reply.body, reply.headers, fate="drop")
    if fault.do == "hang_after":
        return Reply(reply.status, reply.body, reply.headers, fate="hang", hang_s=fault.hang_s)
    return _refusal(fault.error(), path)
