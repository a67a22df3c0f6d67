"""Where a performer lives and a company sits: said by page and API, kept, and told to whoever must know."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.companies import operations as companies
from accounts.identity import residence
from accounts.identity.residence import Where
from accounts.keys.acting import of_user
from accounts.performers import operations as performers
from kit.errors import Forbidden, Invalid, NotFound
from tests import stories
from tests.accounts.browsing import Api, body_of, browser
from tests.stories import BEFORE

pytestmark = pytest.mark.django_db


class TestWhere:
    @pytest.mark.parametrize(
        ("where", "known", "code", "words"),
        [
            (Where(), False, "", ""),
            (Where("US"), False, "US", "United States"),
            (Where("US", "NY"), True, "US-NY", "New York, United States"),
            (Where("DE"), True, "DE", "Germany"),
        ],
    )
    def test_says_which_law_holds_or_that_it_does_not(
        self, where: Where, known: bool, code: str, words: str
    ) -> None:
        assert (where.is_known, where.code, str(where)) == (known, code, words)

    def test_lists_the_states_the_district_and_the_territories(self) -> None:
        assert {"NY", "IL", "CA", "DC", "PR"} <= set(residence.states())
        assert len(residence.states()) >= 51

    @pytest.mark.parametrize(("country", "region"), [("DE", "NY"), ("US", "XX"), ("", "NY")])
    def test_a_state_that_is_none_is_refused(self, country: str, region: str) -> None:
        with pytest.raises(Invalid):
            residence.checked(country, region)
        assert residence.checked("US", "NY") == Where("US", "NY")


class TestPerformer:
    def test_says_it_on_their_page(self) -> None:
        ada = stories.completes_the_steps(stories.a_newcomer())
        page, said = browser(ada.user), {"stage_name": "Ada", "skills": "duo", "languages": "en"}
        said |= {"time_zone": "America/New_York", "country": "US"}
        assert page.post("/profile/", said | {"region": "XX"}).status_code == 422
        assert page.post("/profile/", said | {"country": "DE", "region": "IL"}).status_code == 422
        assert page.post("/profile/", said | {"region": "IL"}).status_code == 302
        ada.refresh_from_db()
        assert str(ada.where) == "Illinois, United States"
        assert b'value="IL" selected' in page.get("/profile/").content

    def test_says_it_over_the_api_and_a_move_abroad_leaves_no_state(self) -> None:
        api = Api(stories.a_performer().user)
        told = body_of(api.patch("me/performer", {"region": "CA"}))
        assert (told["country"], told["region"]) == ("US", "CA")
        assert api.patch("me/performer", {"region": "Atlantis"}).status_code == 422
        told = body_of(api.patch("me/performer", {"country": "DE"}))
        assert (told["country"], told["region"]) == ("DE", "")
        assert api.patch("me/performer", {"region": "CA"}).status_code == 422

    def test_says_it_for_themselves_alone_and_once_is_enough(self) -> None:
        ada, ben, heard = stories.a_performer(), stories.a_performer(), []

        def hears(**said: Any) -> None:
            heard.append(said["performer"].pk)

        residence.moved.connect(hears)
        try:
            says: dict[str, Any] = {"country": "US", "region": "IL", "at": BEFORE + timedelta(days=1)}
            with pytest.raises(NotFound):
                performers.say_where(performer=ada, **says, by=stories.acting(ben))
            for _ in range(2):
                performers.say_where(performer=ada, **says, by=stories.acting(ada))
            with pytest.raises(Invalid):
                performers.say_where(performer=ada, **says | {"region": ""}, by=stories.acting(ada))
        finally:
            residence.moved.disconnect(hears)
        assert heard == [ada.pk]


class TestCompany:
    def test_sits_where_it_is_registered_until_it_says_otherwise(self) -> None:
        company = stories.a_new_company()
        assert company.where == Where()
        stories.asks_to_be_vetted(company)
        stories.is_vetted(company)
        assert company.where.country == "US"
        owner = stories.person(stories.owner_of(company))
        api, path = Api(owner), f"companies/{company.public_id}"
        told = body_of(api.patch(path, {"seat_country": "US", "seat_region": "IL"}))
        assert (told["country"], told["seat_country"], told["seat_region"]) == ("US", "US", "IL")
        assert body_of(api.patch(path, {"seat_country": "FR"}))["seat_region"] == ""
        assert api.patch(path, {"seat_region": "IL"}).status_code == 422

    def test_says_it_on_its_page(self) -> None:
        company = stories.a_company()
        page, path = browser(stories.person(stories.owner_of(company))), f"/company/{company.public_id}/"
        said = {"name": company.name, "seat_country": "GB"}
        assert page.post(path, said | {"seat_region": "NY"}).status_code == 422
        assert page.post(path, said).status_code == 302
        company.refresh_from_db()
        assert company.where == Where("GB")

    def test_is_said_by_who_may_sign_for_it(self) -> None:
        company = stories.a_company()
        reviewer = of_user(stories.a_member(company, Role.REVIEWER))
        says: dict[str, Any] = {"company": company, "country": "US", "region": "NY", "at": BEFORE}
        with pytest.raises(Forbidden):
            companies.say_where(**says, by=reviewer)
        with pytest.raises(Invalid):
            companies.say_where(**says | {"region": ""}, by=stories.owner_of(company))
        assert companies.say_where(**says, by=stories.owner_of(company)).where == Where("US", "NY")
