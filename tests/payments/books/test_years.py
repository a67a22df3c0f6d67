"""A year's tax figures: to the cent as the statements, on the right form, filed by one, and with no tax number anywhere."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from accounts.performers.models import Performer
from kit.errors import Forbidden, NotFound
from payments.books import iris, years
from payments.books.years import Form
from payments.gateway.client import client
from payments.paylines.kinds import Tax
from payments.payouts import reversals
from payments.payroll.models import PayItem
from payments.statements import queries as statements
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.payments.paylines.stage import Stage
from tests.payments.payroll.test_recoveries import MONDAYS, is_overpaid, robin
from tests.payments.world import World, usd

__all__ = ["robin"]


def figures(world: World, *performers: Performer, year: int = 2026) -> list[years.Payee]:
    return years.figures(performers, year=year)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class TestBoxes:
    def test_are_the_statements_to_the_cent(self, world: World) -> None:
        stage = Stage(world)
        stage.an_approved_bonus("50.00")
        world.earns(stage.robin, "74.00", "37.50")
        world.pays()
        (mine,) = figures(world, stage.robin)
        said = dict(statements.by_tax(performer=stage.robin, year=2026))
        assert said == {Tax.COMPENSATION: usd("161.50")}
        assert (mine.compensation_minor, mine.royalties_minor) == (usd("161.50"), 0)
        sent = sum(PayItem.objects.values_list("amount_minor", flat=True))
        assert mine.compensation_minor == sent

    def test_a_correction_counts_with_its_payday(self, world: World, robin: Performer) -> None:
        is_overpaid(world, robin, "30.00", MONDAYS[0])
        (mine,) = figures(world, robin)
        assert mine.compensation_minor == usd("120.00")

    def test_a_payment_counts_in_the_year_of_its_day_in_the_payroll_zone(self, world: World) -> None:
        performer = world.performer()
        world.earns(performer, "74.00")
        world.pays()
        last_second = datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC)
        PayItem.objects.update(sent_at=last_second)
        assert figures(world, performer)[0].compensation_minor == usd("74.00")
        PayItem.objects.update(sent_at=last_second + timedelta(seconds=1))
        assert figures(world, performer)[0].compensation_minor == 0
        assert figures(world, performer, year=2027)[0].compensation_minor == usd("74.00")
        assert [each.pk for each in years.payees(world.freezer, year=2027)] == [performer.pk]
        assert not years.payees(world.freezer, year=2026).exists()

    def test_what_is_held_was_not_paid(self, world: World) -> None:
        performer = world.performer(onboarded=False)
        world.earns(performer, "74.00")
        world.pays()
        assert figures(world, performer)[0].compensation_minor == 0
        assert not years.payees(world.freezer, year=2026).exists()

    def test_what_came_back_undecided_is_said(self, world: World) -> None:
        performer = world.performer()
        world.earns(performer, "74.00")
        world.pays()
        client().v1.transfers.reversals.create(PayItem.objects.get().transfer_id, {"amount": usd("4.00")})
        reversals.read_transfers(at=world.now)
        assert figures(world, performer)[0].returned_minor == usd("4.00")

    @pytest.mark.parametrize(("amount", "forms"), [("1999.99", []), ("2000.00", [Form.NEC])])
    def test_from_the_threshold_of_the_year(self, world: World, amount: str, forms: list[Form]) -> None:
        performer = world.performer()
        world.earns(performer, amount)
        world.pays()
        assert figures(world, performer)[0].forms == forms

    def test_thresholds_are_data_by_year(self) -> None:
        assert years.threshold(2025).compensation_minor == usd("600.00")
        assert years.threshold(2026).compensation_minor == usd("2000.00")
        assert years.threshold(2031) == years.threshold(2026)
        assert (years.is_known(2026), years.is_known(2031)) == (True, False)

    def test_costs_the_same_for_one_as_for_many(self, world: World) -> None:
        performers = [world.performer(name) for name in ("Ada", "Bea", "Cyd")]
        for performer in performers:
            world.earns(performer, "74.00")
        world.pays()
        with CaptureQueriesContext(connection) as asked:
            figures(world, *performers)
        assert len(asked) == 3


class TestFiling:
    def test_is_one_filers(self, world: World, settings: Settings) -> None:
        settings.TAX_FILER = "stripe"
        with pytest.raises(years.StripeFiles):
            years.to_file(world.freezer, year=2026, form="1099-NEC")
        settings.TAX_FILER = "house"
        assert years.to_file(world.freezer, year=2026, form="1099-NEC") == []
        with pytest.raises(NotFound):
            years.to_file(world.freezer, year=2026, form="W-2")
        with pytest.raises(Forbidden):
            years.to_file(stories.acting(world.performer()), year=2026, form="1099-NEC")

    def test_a_file_has_no_tax_number(self, world: World) -> None:
        performer = world.performer()
        world.earns(performer, "2500.00")
        world.pays()
        (row,) = read(
            iris.file_of(years.to_file(world.freezer, year=2026, form="1099-NEC"), form=Form.NEC, year=2026)
        )
        assert row["Box 1a - Nonemployee Compensation"] == "2500.00"
        assert row["Form Account Number"] == performer.public_id
        assert {row[name] for name in row if "Taxpayer ID" in name or "TIN" in name} == {""}
        assert (row["Box 1b"], row["Box 1c"], row["Box 1d"]) == ("", "", "")

    def test_no_model_has_a_place_for_one(self) -> None:
        names = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
        assert not {name for name in names if name in ("tin", "ssn", "ein", "itin", "tax_number", "tax_id")}

    @given(st.integers(0, 350))
    def test_at_most_100_a_file_and_none_is_lost(self, count: int) -> None:
        payee = years.Payee(Performer(), 0, 0, 0, 0, 0, [])
        files = iris.files_of([payee] * count)
        assert all(len(file) <= 100 for file in files)
        assert sum(len(file) for file in files) == count
        assert files


def test_by_page_and_api(world: World, settings: Settings) -> None:
    performer = world.performer("Ada")
    world.earns(performer, "2500.00")
    world.pays()
    finance = logs_in(stories.person(world.freezer))
    page = finance.get("/books/years/2026/").content.decode()
    assert "2,500.00" in page
    assert "1099-NEC" in page
    (line,) = read(finance.get("/books/years/2026/paid.csv").content)
    assert line["1099-NEC box 1a"] == "2500.00"
    assert finance.get("/books/years/2026/1099-NEC/iris-1.csv").status_code == 200
    assert finance.get("/books/years/2026/1099-NEC/iris-2.csv").status_code == 404
    assert finance.get("/books/years/20x6/").status_code == 404
    (row,) = body_of(Api(stories.person(world.freezer)).get("books/years/2026"))["data"]
    assert (row["compensation"]["amount_minor"], row["forms"]) == (250_000, ["1099-NEC"])
    mine = logs_in(performer.user).get("/pay/years/2026/").content.decode()
    assert "2,500.00 USD" in mine
    assert "The house sends you" in mine
    settings.TAX_FILER = "stripe"
    assert "Stripe sends you" in logs_in(performer.user).get("/pay/years/2026/").content.decode()
    assert "Nothing was paid in 2025" in logs_in(performer.user).get("/pay/years/2025/").content.decode()
