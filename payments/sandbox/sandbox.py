"""The front door: one request in, one reply out, with everything that Stripe promises about it.

The order of things: authenticate, rate limit, route, faults that come before, the account, parameters, the
idempotency key, the object's lock; then, in one transaction, replay, refuse on order or carry out; then the faults
that come after.
"""

import logging
import re
import secrets
import time
from pathlib import Path

from payments.sandbox import control, errors, idempotency, rooms
from payments.sandbox.accounts import records
from payments.sandbox.accounts.v1_documents import render_account
from payments.sandbox.engine import Engine
from payments.sandbox.errors import ApiError
from payments.sandbox.expand import expand, public
from payments.sandbox.faults import AFTER, BEFORE, INSTEAD, Fault
from payments.sandbox.idempotency import InFlight, KeyedRequest
from payments.sandbox.ids import platform_of_key
from payments.sandbox.limits import Buckets, ObjectLocks
from payments.sandbox.pages import desk, hosted
from payments.sandbox.params import read_params
from payments.sandbox.router import Route
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
from payments.sandbox.world import Call, Cause, Options

log = logging.getLogger("sandbox")

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?(; *\w+=\w+)*")


class Sandbox(Engine):
    """One Stripe, driven by `handle`."""

    def __init__(
        self,
        directory: Path | None = None,
        *,
        seed: str | int | None = None,
        options: Options | None = None,
        now: float | None = None,
    ) -> None:
        super().__init__(directory, seed=seed, options=options, now=now)
        self._known_platforms: set[str] = set()
        self._buckets = Buckets(self.world.options.rate_per_s)
        self._in_flight = InFlight()
        self._object_locks = ObjectLocks(self.world.options.lock_wait_s)
        self._router = rooms.router()

    def reload(self) -> None:
        super().reload()
        self._known_platforms.clear()

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
        call = Call(self.world, platform, account, holes, params, restricted=key.startswith("rk_"))
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
