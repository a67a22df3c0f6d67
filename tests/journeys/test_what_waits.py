"""What the house says waits for its own people, and whether its parts answer."""

import pytest
import requests

from tests.journeys.busy_week import BusyWeek
from tests.journeys.coming_in import a_performer
from tests.journeys.house import WAITS_S, House


@pytest.mark.long_journey
def test_who_asks_to_be_vetted_stands_on_talents_first_page_until_answered(busy: BusyWeek) -> None:
    tala, ola = busy.comes_in("Talent operations"), a_performer(busy.house, "Ola Waits")
    ola.does("PATCH", "me/performer", skills=["duo"], languages=["en"])
    ola.sends(ola.opens("/terms/"), "/onboarding/terms/")
    vetting = ola.does("POST", "me/vettings")["id"]
    assert ola.name in tala.opens("/desk/waiting/").text
    assert ola.opens("/desk/waiting/").status == 403
    tala.does("POST", f"vettings/{vetting}/take-up")
    tala.does("POST", f"vettings/{vetting}/decline", reason="profile", words="Say what you play.")
    assert ola.name not in tala.opens("/desk/waiting/").text
    assert "Say what you play." in ola.opens("/standing/").text


@pytest.mark.long_journey
def test_the_house_says_whether_its_parts_answer(house: House) -> None:
    """To whoever runs it, and no word of how."""
    said = requests.get(f"{house.url}/readyz", timeout=WAITS_S)
    assert (said.status_code, said.json()) == (200, {"ok": True, "database": True, "broker": True})
