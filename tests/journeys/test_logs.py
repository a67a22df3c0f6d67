"""Someone does all that could leave a trace of them; the house's logs say what happened, and not to whom."""

import re

import requests

from tests.journeys import canary
from tests.journeys.house import WAITS_S, House, Person


def test_say_nothing_of_people_nor_of_what_opens_a_door(house: House) -> None:
    me = Person(house, "Zelda Quetzalcoatl-Przybylski")
    canary.watches(me)
    me.comes_in(comes_to="company", company_name="Xanadu Vexillology", time_zone="Europe/London")
    canary.keeps("Xanadu Vexillology")
    Person(house, me.name).signs_up(comes_to="performer", time_zone="Europe/London")  # the address is taken
    me.opens(f"/?q={me.name}&email={me.email}")
    requests.get(f"{house.url}/nobody/{me.email}/", timeout=WAITS_S)
    me.sends(me.opens("/accounts/logout/"), "/accounts/logout/")
    me.sends(me.opens("/accounts/login/"), "/accounts/login/", login=me.email, password="not hers")
    me.sends(me.opens("/accounts/password/reset/"), "/accounts/password/reset/", email=me.email)
    link = re.search(r"http\S+/accounts/password/reset/key/(\S+?)/\s", me.reads_mail("password") + "\n")
    assert link is not None
    canary.keeps(link[1])
    me.opens(link[0].strip())
    me.sends(me.opens("/accounts/login/"), "/accounts/login/", login=me.email, password=me.password)

    me.sets_up_a_second_factor()
    for code in me.codes:
        canary.keeps(code)
    company = me.calls("GET", "companies")["data"][0]["id"]
    made = me.calls("POST", f"companies/{company}/api-keys", name="Zelda's", scopes=["gigs:read"], days=9)
    assert made["status_code"] == 201, made
    key = made["secret"]
    canary.keeps(key)
    for secret in (key, key[:-1]):
        bearer = {"Authorization": f"Bearer {secret}"}
        requests.get(f"{house.url}/api/v1/gigs?key={secret}", headers=bearer, timeout=WAITS_S)

    logged = "".join(path.read_text(errors="replace") for path in canary.logs_of(house))
    assert "POST /accounts/login/" in logged  # the journey did reach the logs
    assert "/accounts/password/reset/key/[removed]/" in logged
    assert canary.found_in(house) == []
