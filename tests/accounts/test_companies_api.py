import pytest

from accounts.access.roles import Role, Staff
from accounts.audit.models import AuditEvent
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, logs_in

pytestmark = pytest.mark.django_db


class TestCompanies:
    def test_whoever_makes_one_owns_it(self) -> None:
        user = stories.a_person()
        made = body_of(Api(user).post("companies", {"name": " Northlight "}))
        assert made["name"] == "Northlight"
        assert code_of(Api(user).get(f"companies/{made['id']}/members")) == "second_factor_required"
        stories.sets_up_a_second_factor(user)
        members = body_of(Api(user).get(f"companies/{made['id']}/members"))["data"]
        assert [(m["id"], m["role"]) for m in members] == [(user.public_id, "owner")]

    def test_anothers_looks_like_none(self) -> None:
        company, stranger = stories.a_company(), Api(stories.person(stories.owner_of(stories.a_company())))
        for path in ("", "/members", "/api-keys"):
            assert code_of(stranger.get(f"companies/{company.public_id}{path}")) == "not_found"
        assert code_of(stranger.patch(f"companies/{company.public_id}", {"name": "Mine"})) == "not_found"

    @pytest.mark.parametrize("company_id", ["cmp_zzz", "1", "gig_01k000000000000000000000"])
    def test_an_id_that_is_none_is_not_found(self, company_id: str) -> None:
        api = Api(stories.person(stories.owner_of(stories.a_company())))
        assert code_of(api.get(f"companies/{company_id}")) == "not_found"

    def test_only_an_owner_changes_it(self) -> None:
        company = stories.a_company()
        producer = Api(stories.a_member(company))
        assert code_of(producer.patch(f"companies/{company.public_id}", {"name": "Ours"})) == "forbidden"
        owner = Api(stories.person(stories.owner_of(company)))
        assert body_of(owner.patch(f"companies/{company.public_id}", {"about": "Labs"}))["about"] == "Labs"

    @pytest.mark.parametrize(
        "website", ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://"]
    )
    def test_a_website_is_an_address_of_the_web(self, website: str) -> None:
        company = stories.a_company()
        owner = Api(client=logs_in(stories.person(stories.owner_of(company))))
        assert owner.patch(f"companies/{company.public_id}", {"website": website}).status_code == 422
        sent = owner.patch(f"companies/{company.public_id}", {"website": "https://example.org/us"})
        assert body_of(sent)["website"] == "https://example.org/us"


class TestMembers:
    def test_change_roles_and_go(self) -> None:
        company = stories.a_company()
        newcomer = stories.a_member(company, Role.REVIEWER)
        owner = Api(client=logs_in(stories.person(stories.owner_of(company))))
        path = f"companies/{company.public_id}/members"
        changed = body_of(owner.patch(f"{path}/{newcomer.public_id}", {"role": "billing"}))
        assert changed["role"] == "billing"
        assert owner.delete(f"{path}/{newcomer.public_id}").status_code == 204
        assert len(body_of(owner.get(path))["data"]) == 1

    def test_the_last_owner_stays(self) -> None:
        company = stories.a_company()
        user = stories.person(stories.owner_of(company))
        assert user is not None
        path, owner = f"companies/{company.public_id}/members/{user.public_id}", Api(client=logs_in(user))
        assert code_of(owner.delete(path)) == "last_owner"
        assert code_of(owner.patch(path, {"role": "billing"})) == "last_owner"

    def test_a_producer_brings_in_nobody(self) -> None:
        company = stories.a_company()
        producer, friend = Api(stories.a_member(company)), stories.a_person()
        sent = {"email": friend.email, "role": "owner"}
        assert code_of(producer.post(f"companies/{company.public_id}/invitations", sent)) == "forbidden"


class TestKeys:
    def test_the_secret_is_said_once_and_opens_only_its_scopes(self) -> None:
        company = stories.a_company()
        owner = Api(client=logs_in(stories.person(stories.owner_of(company))))
        path = f"companies/{company.public_id}/api-keys"
        made = body_of(owner.post(path, {"name": "dashboard", "scopes": ["billing:read"], "days": 30}))
        assert made["secret"].startswith("cb_")
        listed = body_of(owner.get(path))["data"]
        assert made["secret"] not in str(listed)
        with_key = Api(key=made["secret"])
        assert code_of(with_key.get("me")) == "forbidden"
        assert code_of(with_key.post(path, {"name": "x", "scopes": ["gigs:read"]})) == "forbidden"
        assert body_of(with_key.get(f"companies/{company.public_id}/wallet"))
        assert owner.delete(f"{path}/{made['key']['id']}").status_code == 204
        assert code_of(with_key.get(f"companies/{company.public_id}/wallet")) == "authentication_failed"

    def test_the_secret_opens_nothing_from_an_address(self) -> None:
        company = stories.a_company()
        owner = Api(client=logs_in(stories.person(stories.owner_of(company))))
        path = f"companies/{company.public_id}/api-keys"
        secret = body_of(owner.post(path, {"name": "x", "scopes": ["billing:read"], "days": 30}))["secret"]
        wallet = f"companies/{company.public_id}/wallet"
        assert Api(key=secret).get(wallet).status_code == 200
        for name in ("key", "api_key", "access_token", "token", "Authorization"):
            assert Api().get(wallet, **{name: secret}).status_code == 401

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "x", "scopes": []},
            {"name": "x", "scopes": ["payroll:approve"]},
            {"name": "x", "scopes": ["gigs:read"], "days": 0},
            {"name": "x", "scopes": ["gigs:read"], "days": 366},
            {"scopes": ["gigs:read"]},
        ],
    )
    def test_what_no_key_may_be_is_refused(self, body: dict[str, object]) -> None:
        company = stories.a_company()
        owner = Api(stories.person(stories.owner_of(company)))
        assert code_of(owner.post(f"companies/{company.public_id}/api-keys", body)) == "invalid"

    def test_are_an_owners_to_make(self) -> None:
        company = stories.a_company()
        producer = Api(stories.a_member(company))
        sent = {"name": "x", "scopes": ["gigs:read"]}
        assert code_of(producer.post(f"companies/{company.public_id}/api-keys", sent)) == "forbidden"


class TestAudit:
    def test_the_trail_of_a_thing_is_for_those_who_may_see_it(self) -> None:
        company = stories.a_new_company()
        owner = Api(stories.person(stories.owner_of(company)))
        seen = body_of(owner.get("audit", thing=company.public_id))["data"]
        assert [event["verb"] for event in seen] == ["company.created"]
        stranger = Api(stories.person(stories.owner_of(stories.a_company())))
        assert code_of(stranger.get("audit", thing=company.public_id)) == "not_found"
        finance = Api(stories.a_member_of_staff(Staff.FINANCE))
        assert len(body_of(finance.get("audit", thing=company.public_id))["data"]) == 1

    @pytest.mark.parametrize("thing", ["cmp_zzz", "nonsense", "_", "usr_01k000000000000000000000"])
    def test_a_thing_that_is_none_is_not_found(self, thing: str) -> None:
        assert code_of(Api(stories.a_person()).get("audit", thing=thing)) == "not_found"

    def test_every_change_of_members_is_in_it(self) -> None:
        company = stories.a_new_company()
        stories.a_member(company, Role.BILLING)
        verbs = AuditEvent.objects.filter(thing=company.public_id).values_list("verb", flat=True)
        assert set(verbs) == {"company.created", "company.member_joined"}
