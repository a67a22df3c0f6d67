"""Who may do what for a company, written out by hand."""

import pytest

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.roles import Role
from kit.errors import Forbidden, NotFound

A = Act
MAY = {
    Role.OWNER: set(Act),
    Role.PRODUCER: {
        A.POST_GIGS,
        A.CAST,
        A.OFFER,
        A.SIGN,
        A.BOOK,
        A.ATTEND,
        A.APPROVE_TIME,
        A.DELIVER,
        A.LABEL,
        A.COMMISSION,
        A.REVIEW_PIECES,
        A.SET_ASIDE,
    },
    Role.REVIEWER: {A.CAST, A.ATTEND, A.LABEL},
    Role.BILLING: {A.ATTEND, A.PAY_IN, A.SET_ASIDE, A.WITHDRAW, A.SAY_BILLING},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_a_role_may_what_the_house_says_and_no_more(role: Role, act: Act) -> None:
    someone = Actor(label="usr_a", user_id=1, roles={7: role})
    assert someone.may(act, company_id=7) == (act in MAY[role])
    if act in MAY[role]:
        someone.require(act, company_id=7)
    else:
        with pytest.raises(Forbidden, match=str(act)):
            someone.require(act, company_id=7)


@pytest.mark.parametrize("act", Act)
def test_nobody_does_anything_for_another_company_and_does_not_learn_of_it(act: Act) -> None:
    someone = Actor(label="usr_a", user_id=1, roles={7: Role.OWNER})
    assert not someone.may(act, company_id=8)
    with pytest.raises(NotFound):
        someone.require(act, company_id=8)


@pytest.mark.parametrize("act", Act)
def test_the_house_itself_may_all_of_it(act: Act) -> None:
    Actor.of_system("calendar").require(act, company_id=8)
