"""The webhook engine: signatures that the SDK accepts, both kinds of event, and everything that goes wrong."""

from pathlib import Path

import pytest
import stripe
from stripe.events import (
    V2CoreAccountIncludingConfigurationRecipientCapabilityStatusUpdatedEventNotification as GateNotice,
)

from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.conftest import Stage

SECRET = "whsec_platform"


class Inbox:
    """An endpoint that keeps what arrives and answers as it is told."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.status = 200
        self.arrived: list[tuple[str, dict[str, str], bytes]] = []

    def receive(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.arrived.append((url, headers, body))
        return self.status

    def open(self, kind: str = "platform", *, secret: str = SECRET, events: tuple[str, ...] = ("*",)) -> str:
        order = {
            "url": f"http://127.0.0.1/{kind}",
            "secret": secret,
            "kind": kind,
            "enabled_events": list(events),
        }
        return str(self.stage.control("webhooks/endpoints", order)["id"])

    def collect(self) -> "Inbox":
        while self.stage.sandbox.deliver(self.receive):
            continue
        return self

    def events(self, kind: str = "platform", *, secret: str = SECRET) -> list[stripe.Event]:
        """What came to one endpoint, verified by the SDK."""
        return [
            self.stage.client.construct_event(body, headers["Stripe-Signature"], secret)
            for url, headers, body in self.arrived
            if url.endswith(f"/{kind}")
        ]

    def types(self, kind: str = "platform") -> list[str]:
        return [event.type for event in self.events(kind)]


@pytest.fixture
def inbox(stage: Stage) -> Inbox:
    return Inbox(stage)


class TestDelivery:
    def test_a_snapshot_event_is_signed(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open(events=("transfer.created",))
        stage.fund()
        transfer = stage.pay(stage.performer(), key="k")
        event = inbox.collect().events()[0]
        assert (event.type, event.data.object["id"]) == ("transfer.created", transfer.id)
        assert event.request is not None
        assert event.request.idempotency_key == "k"

    def test_a_wrong_secret_is_noticed(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open()
        stage.fund()
        inbox.collect()
        with pytest.raises(stripe.SignatureVerificationError):
            inbox.events(secret="whsec_other")

    def test_a_thin_event_is_only_a_notice(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open("thin")
        account = stage.performer()
        inbox.collect()
        notices = [
            stage.client.parse_event_notification(body, headers["Stripe-Signature"], SECRET)
            for _, headers, body in inbox.arrived
        ]
        opened = next(notice for notice in notices if isinstance(notice, GateNotice))
        assert b'"data"' not in inbox.arrived[0][2]
        assert opened.related_object.id == account
        assert opened.fetch_event().data.updated_capability.startswith("stripe_balance.")
        assert opened.fetch_related_object().id == account

    def test_each_refuses_the_others_payload(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open("thin")
        stage.performer()
        _, headers, body = inbox.collect().arrived[0]
        with pytest.raises(ValueError, match="parse_event_notification"):
            stage.client.construct_event(body, headers["Stripe-Signature"], SECRET)

    def test_connected_accounts_have_their_own_endpoint(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open("platform", events=("transfer.created", "payment.created"))
        inbox.open("connect", events=("transfer.created", "payment.created"))
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        inbox.collect()
        assert inbox.types("platform") == ["transfer.created"]
        connected = inbox.events("connect")
        assert [(event.type, event.account) for event in connected] == [("payment.created", account)]

    def test_an_endpoint_made_by_the_api(self, stage: Stage, inbox: Inbox) -> None:
        made = stage.client.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1/platform", "enabled_events": ["transfer.created"]}
        )
        stage.fund()
        stage.pay(stage.performer())
        inbox.collect()
        assert [event.type for event in inbox.events(secret=str(made.secret))] == ["transfer.created"]

    def test_a_disabled_endpoint_gets_nothing(self, stage: Stage, inbox: Inbox) -> None:
        made = stage.client.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1/platform", "enabled_events": ["*"]}
        )
        stage.client.v1.webhook_endpoints.update(made.id, {"disabled": True})
        stage.fund()
        assert inbox.collect().arrived == []

    def test_a_destination_for_connected_accounts(self, stage: Stage, inbox: Inbox) -> None:
        made = stage.client.v2.core.event_destinations.create(
            {
                "name": "connected",
                "type": "webhook_endpoint",
                "event_payload": "snapshot",
                "events_from": ["@accounts"],
                "enabled_events": ["payment.created", "transfer.created"],
                "webhook_endpoint": {"url": "http://127.0.0.1/platform"},
                "include": ["webhook_endpoint.signing_secret"],
            }
        )
        assert made.webhook_endpoint is not None
        stage.fund()
        stage.pay(stage.performer())
        inbox.collect()
        events = inbox.events(secret=str(made.webhook_endpoint.signing_secret))
        assert [event.type for event in events] == ["payment.created"]


class TestRetries:
    def test_until_it_is_taken(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())
        inbox.status = 500
        inbox.collect()
        assert len(inbox.arrived) == 1
        inbox.status = 200
        stage.later(seconds=6)
        assert len(inbox.collect().arrived) == 2
        stage.later(days=1)
        assert len(inbox.collect().arrived) == 2

    def test_for_three_days_and_no_longer(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())
        inbox.status = 0
        for _ in range(100):
            inbox.collect()
            stage.later(seconds=3_600)
        assert 8 <= len(inbox.arrived) <= 20
        states = [line["state"] for line in stage.control("webhooks", method="GET")["deliveries"]]
        assert states == ["gave_up"]

    def test_the_same_event_each_time(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())
        inbox.status = 503
        for _ in range(3):
            inbox.collect()
            stage.later(days=0.5)
        assert len({event.id for event in inbox.events()}) == 1

    def test_what_was_being_sent_at_a_kill_is_sent_again(self, tmp_path: Path) -> None:
        stage = Stage(Sandbox(tmp_path, seed=1))
        inbox = Inbox(stage)
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())

        class Killed(BaseException):
            pass

        def die(url: str, headers: dict[str, str], body: bytes) -> int:
            raise Killed

        with pytest.raises(Killed):
            stage.sandbox.deliver(die)
        stage.sandbox.close()
        again = Stage(Sandbox(tmp_path))
        after = Inbox(again)
        assert [event.type for event in after.collect().events()] == ["transfer.created"]
        again.sandbox.close()


class TestDisturbances:
    def scene(self, stage: Stage, inbox: Inbox, **disturbance: float) -> list[stripe.Event]:
        inbox.open(events=("transfer.created",))
        stage.fund()
        account = stage.performer()
        stage.control("webhooks", dict(disturbance))
        for _ in range(12):
            stage.pay(account, 100)
        inbox.collect()
        stage.later(seconds=5)
        return inbox.collect().events()

    def test_the_same_id_twice(self, stage: Stage, inbox: Inbox) -> None:
        events = self.scene(stage, inbox, duplicate=1)
        assert (len(events), len({event.id for event in events})) == (24, 12)

    def test_two_ids_for_one_change(self, stage: Stage, inbox: Inbox) -> None:
        events = self.scene(stage, inbox, duplicate_distinct=1)
        assert (len(events), len({event.id for event in events})) == (24, 24)
        assert len({event.data.object["id"] for event in events}) == 12

    def test_lost_for_good(self, stage: Stage, inbox: Inbox) -> None:
        assert self.scene(stage, inbox, drop=1) == []
        stage.later(days=4)
        assert inbox.collect().arrived == []

    def test_some_lost(self, stage: Stage, inbox: Inbox) -> None:
        assert 0 < len(self.scene(stage, inbox, drop=0.5)) < 12

    def test_out_of_order(self, stage: Stage, inbox: Inbox) -> None:
        arrived = [event.data.object["id"] for event in self.scene(stage, inbox, reorder=0.5)]
        made = [line["id"] for line in stage.books()["transfers"]]
        assert sorted(arrived) == sorted(made)
        assert arrived != made

    def test_late(self, stage: Stage, inbox: Inbox) -> None:
        stage.control("webhooks", {"delay_s": 600})
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())
        assert inbox.collect().arrived == []
        stage.later(seconds=601)
        assert len(inbox.collect().arrived) == 1

    @pytest.mark.parametrize("order", [{"drop": 2}, {"drop": -1}, {"delay_s": "long"}, {"colour": 1}])
    def test_orders_that_make_no_sense(self, stage: Stage, order: dict[str, object]) -> None:
        stage.control("webhooks", order, status=400)


class TestSecrets:
    def test_a_rolled_secret_signs_beside_the_old_one(self, stage: Stage, inbox: Inbox) -> None:
        endpoint = inbox.open(events=("transfer.created",))
        new = stage.control(f"webhooks/{endpoint}/roll", {"expire_s": 3_600})["secret"]
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        inbox.collect()
        assert len(inbox.events(secret=SECRET)) == len(inbox.events(secret=new)) == 1
        stage.later(seconds=3_601)
        inbox.arrived.clear()
        stage.pay(account)
        inbox.collect()
        assert len(inbox.events(secret=new)) == 1
        with pytest.raises(stripe.SignatureVerificationError):
            inbox.events(secret=SECRET)

    def test_an_event_can_be_resent(self, stage: Stage, inbox: Inbox) -> None:
        inbox.open(events=("transfer.created",))
        stage.fund()
        stage.pay(stage.performer())
        event = inbox.collect().events()[0]
        assert stage.control(f"events/{event.id}/resend")["deliveries"] == 1
        assert [one.id for one in inbox.collect().events()] == [event.id, event.id]

    def test_a_ping_goes_to_one_destination(self, stage: Stage, inbox: Inbox) -> None:
        made = stage.client.v2.core.event_destinations.create(
            {
                "name": "thin",
                "type": "webhook_endpoint",
                "event_payload": "thin",
                "enabled_events": ["*"],
                "webhook_endpoint": {"url": "http://127.0.0.1/thin"},
            }
        )
        inbox.open("thin")
        stage.client.v2.core.event_destinations.ping(made.id)
        assert len(inbox.collect().arrived) == 1
