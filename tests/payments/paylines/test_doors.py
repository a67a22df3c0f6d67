"""Each act through its page and through the API, after a real log-in; each no followed by its yes."""

import base64
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access.actors import Actor
from accounts.access.roles import Role
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState
from payments.payroll import accrual
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in, proves
from tests.payments.paylines.stage import PDF, Stage

RECEIPT = base64.b64encode(PDF).decode()


def as_(actor: Actor) -> Client:
    return logs_in(stories.person(actor))


def app(actor: Actor) -> Api:
    return Api(client=as_(actor))


def about(stage: Stage, **more: Any) -> dict[str, Any]:
    return {"engagement": stage.engagement.public_id, "amount": dollars(500), "reason": "So it is."} | more


def typed(stage: Stage, prefix: str = "", **more: Any) -> dict[str, Any]:
    sent = {"engagement": stage.engagement.public_id, "amount": "5.00", "reason": "So it is."}
    return {f"{prefix}{name}": value for name, value in sent.items()} | more


def the_line() -> PayLine:
    return PayLine.objects.order_by("-id")[0]


class TestBonus:
    def test_by_page(self, stage: Stage) -> None:
        page, petra = f"/company/{stage.world.company.public_id}/pay-lines/", as_(stage.petra)
        refused = petra.post(page, typed(stage, amount="5,5"))
        assert (refused.status_code, PayLine.objects.count()) == (422, 0)
        assert "5.50 or 55.00?" in refused.content.decode()
        assert petra.post(page, typed(stage)).status_code == 302
        move = f"/pay/lines/{the_line().public_id}/approve/"
        assert petra.post(move).status_code == 403
        olive = as_(stage.olive)
        assert move in olive.get(page).content.decode()
        assert olive.post(move).headers["Location"] == page
        assert the_line().state == PayLineState.APPROVED
        assert "So it is." in olive.get(page).content.decode()

    def test_by_api(self, stage: Stage) -> None:
        petra, path = app(stage.petra), f"companies/{stage.world.company.public_id}/bonuses"
        assert code_of(petra.post(path, about(stage, amount=dollars(500, currency="eur")))) == "invalid"
        other = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        assert code_of(petra.post(path, about(stage, engagement=other.public_id))) == "invalid"
        made = body_of(petra.post(path, about(stage)))
        assert (made["state"], made["fee"], made["tax"]) == ("proposed", dollars(75), "compensation")
        assert code_of(petra.post(f"pay-lines/{made['id']}/approve")) == "approver_is_maker"
        assert code_of(app(stage.me).get(f"pay-lines/{made['id']}")) == "not_found"
        assert body_of(app(stage.olive).post(f"pay-lines/{made['id']}/approve"))["state"] == "approved"
        assert body_of(app(stage.me).get(f"pay-lines/{made['id']}"))["state"] == "approved"

    def test_the_same_key_proposes_once(self, stage: Stage) -> None:
        petra, path = app(stage.petra), f"companies/{stage.world.company.public_id}/bonuses"
        first, second = (petra.post(path, about(stage), **{"Idempotency-Key": "one"}) for _ in range(2))
        assert body_of(first)["id"] == body_of(second)["id"]


class TestExpense:
    def test_by_page_with_a_file(self, stage: Stage) -> None:
        me, page = as_(stage.me), "/pay/lines/"
        day = {"spent_on": "2026-11-16"}
        for content, name in ((b"GIF89a", "a.pdf"), (b"", "b.pdf")):
            receipt = SimpleUploadedFile(name, content, "application/pdf")
            me.post(
                page, typed(stage, receipt=receipt, **day), headers={"Referer": f"http://testserver{page}"}
            )
        assert PayLine.objects.count() == 0
        receipt = SimpleUploadedFile("train.html", PDF, "text/html")
        assert me.post(page, typed(stage, receipt=receipt, **day)).status_code == 302
        line = the_line()
        shown = me.get(f"/pay/lines/{line.public_id}/receipt/")
        assert (shown.content, shown.headers["Content-Type"]) == (PDF, "application/pdf")
        assert shown.headers["Content-Disposition"].startswith("attachment")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        olive = as_(stage.olive)
        where = f"/company/{stage.world.company.public_id}/pay-lines/"
        assert "The answer is due" not in olive.get(where).content.decode()
        olive.post(
            f"/pay/lines/{line.public_id}/decline/",
            {"answer": ""},
            headers={"Referer": f"http://testserver{where}"},
        )
        assert the_line().state == PayLineState.PROPOSED
        olive.post(f"/pay/lines/{line.public_id}/decline/", {"answer": "We pay no trains."})
        assert "We pay no trains." in me.get(page).content.decode()

    def test_by_api_in_base_64(self, stage: Stage) -> None:
        me, sent = app(stage.me), about(stage, spent_on="2026-11-16", receipt=RECEIPT)
        for wrong in ("no base 64", "", base64.b64encode(b"<html>").decode()):
            assert code_of(me.post("me/expenses", sent | {"receipt": wrong})) == "invalid"
        made = body_of(me.post("me/expenses", sent))
        assert (made["has_receipt"], made["fee"], made["tax"]) == (True, dollars(0), "reimbursed")
        kept = body_of(me.get(f"pay-lines/{made['id']}/receipt"))
        assert (base64.b64decode(kept["content"]), kept["form"]) == (PDF, "application/pdf")
        assert code_of(me.post(f"pay-lines/{made['id']}/approve")) == "forbidden"
        assert body_of(app(stage.petra).post(f"pay-lines/{made['id']}/approve"))["state"] == "approved"

    def test_a_receipt_of_ten_megabytes_is_taken_and_not_one_byte_more(self, stage: Stage) -> None:
        me, sent = app(stage.me), about(stage, spent_on="2026-11-16")
        most = PDF + b"x" * (10_000_000 - len(PDF))
        larger = base64.b64encode(most + b"x").decode()
        assert code_of(me.post("me/expenses", sent | {"receipt": larger})) == "invalid"
        assert me.post("me/expenses", sent | {"receipt": base64.b64encode(most).decode()}).status_code == 201

    def test_a_receipt_is_for_whom_it_concerns(self, stage: Stage) -> None:
        line = stage.expense()
        path = f"/pay/lines/{line.public_id}/receipt/"
        reviewer = stories.a_member(stage.world.company, Role.REVIEWER)
        strangers = [
            stories.a_performer().user,
            stories.person(stories.owner_of(stories.a_company())),
            reviewer,
        ]
        assert [logs_in(each).get(path).status_code for each in strangers] == [404, 404, 403]
        those = [stage.me, stage.olive, stage.petra, stage.tala, stage.world.approver]
        assert [as_(each).get(path).status_code for each in those] == [200] * 5


class TestBreach:
    def test_by_page(self, stage: Stage) -> None:
        tala, tom, olive = as_(stage.tala), as_(stage.tom), as_(stage.olive)
        assert (
            tala.post(
                "/house/pay-lines/breach/", typed(stage, "breach-", **{"breach-reason": ""})
            ).status_code
            == 422
        )
        assert tala.post("/house/pay-lines/breach/", typed(stage, "breach-")).status_code == 302
        path = f"/pay/lines/{the_line().public_id}"
        assert (
            tom.post(
                f"{path}/approve/", headers={"Referer": "http://testserver/house/pay-lines/"}
            ).status_code
            == 302
        )
        assert the_line().state == PayLineState.PROPOSED
        assert (
            f"{path}/contest/"
            in olive.get(f"/company/{stage.world.company.public_id}/pay-lines/").content.decode()
        )
        olive.post(f"{path}/contest/", {"answer": "There was a break."})
        assert f"{path}/approve/" not in tala.get("/house/pay-lines/").content.decode()
        assert f"{path}/approve/" in tom.get("/house/pay-lines/").content.decode()
        assert tala.post(f"{path}/approve/").status_code == 403
        tom.post(f"{path}/approve/")
        assert the_line().state == PayLineState.APPROVED

    def test_by_api(self, stage: Stage) -> None:
        tala, tom, olive = app(stage.tala), app(stage.tom), app(stage.olive)
        assert code_of(olive.post("breaches", about(stage))) == "forbidden"
        made = body_of(tala.post("breaches", about(stage)))
        path = f"pay-lines/{made['id']}"
        assert code_of(tom.post(f"{path}/approve")) == "not_contested"
        assert body_of(olive.post(f"{path}/contest", {"answer": "No."}))["contest"] == "No."
        assert code_of(tala.post(f"{path}/decline", {"answer": "Well."})) == "approver_is_maker"
        assert body_of(tom.post(f"{path}/decline", {"answer": "Well."}))["state"] == "declined"


class TestDeduction:
    def test_by_page_with_a_proof_asked_for_when_it_is_stale(self, stage: Stage) -> None:
        fran = as_(stage.world.freezer)
        sent = typed(stage, "deduction-")
        assert fran.post("/house/pay-lines/deduction/", sent | {"deduction-amount": "0"}).status_code == 422
        assert fran.post("/house/pay-lines/deduction/", sent).status_code == 302
        path, me = f"/pay/lines/{the_line().public_id}", as_(stage.me)
        assert "A deduction waits for your answer" in me.get("/pay/").content.decode()
        stage.world.wait(minutes=6)
        asked = me.post(f"{path}/approve/")
        assert "reauthenticate" in asked.headers["Location"]
        assert the_line().state == PayLineState.PROPOSED
        proves(me, stage.robin.user)
        me.post(f"{path}/approve/")
        assert the_line().state == PayLineState.APPROVED
        assert "5.00 USD is still to be deducted" in me.get("/pay/").content.decode()

    def test_by_api(self, stage: Stage) -> None:
        me, fran = app(stage.me), app(stage.world.freezer)
        assert code_of(me.post("deductions", about(stage))) == "forbidden"
        first, second = (body_of(fran.post("deductions", about(stage)))["id"] for _ in range(2))
        stage.world.wait(minutes=6)
        assert code_of(me.post(f"pay-lines/{first}/approve")) == "reauthentication_required"
        proves(me.client, stage.robin.user)
        assert body_of(me.post(f"pay-lines/{first}/approve"))["amount"] == dollars(-500)
        assert code_of(me.post(f"pay-lines/{second}/withdraw", {"answer": "No."})) == "forbidden"
        assert (
            body_of(fran.post(f"pay-lines/{second}/withdraw", {"answer": "Found."}))["state"] == "withdrawn"
        )
        assert body_of(me.get("me/standing"))["to_deduct"] == dollars(500)


class TestOffCycle:
    def test_by_page_from_choosing_to_paid(self, stage: Stage) -> None:
        stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        accrual.accrue(at=stage.world.now)
        fran, ana = as_(stage.world.freezer), as_(stage.world.approver)
        page = "/pay/payday/off-cycle/"
        assert "100.00" in fran.get(page, {"q": "robi"}).content.decode()
        assert "Nobody of that name" in fran.get(page, {"q": "zoe"}).content.decode()
        came = {"Referer": f"http://testserver{page}"}
        for sent in ({"reason": "The rent."}, {"performers": [stage.robin.public_id], "reason": " "}):
            fran.post(page, sent, headers=came)
        assert PayRun.objects.count() == 0
        opened = fran.post(page, {"performers": [stage.robin.public_id], "reason": "The rent."})
        run, path = PayRun.objects.get(), opened.headers["Location"]
        draft = fran.get(path).content.decode()
        assert "The rent." in draft
        assert re.search(r"Gets.*75\.00", draft, re.S)
        fran.post(f"{path}freeze/")
        run.refresh_from_db()
        assert run.total_minor == 7500
        sent = {"content_hash": run.content_hash}
        assert fran.post(f"{path}approve/", sent).status_code == 403
        assert ana.post(f"{path}approve/", sent).headers["Location"] == path
        stage.world.sweep()
        stage.world.sweep()
        assert "Agreed to be deducted and not taken yet" in ana.get(path).content.decode()
        assert "Beside the weeks" in as_(stage.me).get("/pay/").content.decode()
        statement = as_(stage.me).get(f"/pay/statements/{stage.item_of(run).public_id}/").content.decode()
        assert "Nonemployee compensation" in statement
        assert "Deduction by agreement" in statement

    def test_by_api(self, stage: Stage) -> None:
        fran, ana = app(stage.world.freezer), app(stage.world.approver)
        sent = {"performers": [stage.robin.public_id], "reason": "The rent."}
        assert code_of(fran.post("pay-runs/off-cycle", sent)) == "nothing_to_pay"
        stage.an_approved_bonus("100.00")
        accrual.accrue(at=stage.world.now)
        (owed,) = body_of(fran.get("owed-performers"))["data"]
        assert (owed["performer"], owed["amount"]) == (stage.robin.public_id, dollars(10_000))
        assert code_of(fran.post("pay-runs/off-cycle", sent | {"performers": []})) == "invalid"
        assert code_of(fran.post("pay-runs/off-cycle", sent | {"currency": "zzz"})) == "unknown_currency"
        assert code_of(as_app_of(stage).post("pay-runs/off-cycle", sent)) == "forbidden"
        run = body_of(fran.post("pay-runs/off-cycle", sent))
        assert (run["off_cycle"], run["reason"]) == (True, "The rent.")
        assert code_of(fran.post("pay-runs/off-cycle", sent)) == "already_in_a_draft"
        (row,) = body_of(fran.get(f"pay-runs/{run['id']}/preview"))["data"]
        frozen = body_of(fran.post(f"pay-runs/{run['id']}/freeze"))
        assert frozen["total"] == row["amount"] == dollars(10_000)
        seen = {"content_hash": frozen["content_hash"]}
        assert code_of(fran.post(f"pay-runs/{run['id']}/approve", seen)) == "approver_is_creator"
        assert body_of(ana.post(f"pay-runs/{run['id']}/approve", seen))["state"] == "approved"
        stage.world.sweep()
        assert body_of(fran.get("owed-performers"))["data"] == []
        assert body_of(fran.get(f"pay-runs/{run['id']}/carried"))["data"] == []
        year = body_of(as_app_of(stage).get(f"me/years/{stage.world.now.year}"))
        assert year["totals"] == [{"counts_as": "compensation", "amount": dollars(10_000)}]


def as_app_of(stage: Stage) -> Api:
    return app(stage.me)
