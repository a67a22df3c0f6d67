"""Where somebody lives or a company sits: a country, and in the United States the state, since the law of work differs by it.

The codes are ISO 3166-2's, from a library that keeps them: territories are added and renamed, and nobody here would notice.
"""

from dataclasses import dataclass
from functools import lru_cache

import pycountry
from django.dispatch import Signal

from kit.errors import Invalid

WITH_STATES = "US"
LONGEST_REGION = 3
# Sent within the change, with `performer` or `company` (the other None) and `at`. Each room draws what follows for it.
moved = Signal()


@dataclass(frozen=True)
class Where:
    """`country` by ISO 3166, `region` without the country before it ("NY"); empty where nothing was said."""

    country: str = ""
    region: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it is enough to say which law holds."""
        return bool(self.country) and (self.country != WITH_STATES or bool(self.region))

    @property
    def code(self) -> str:
        """As ISO 3166-2 writes it: "US-NY", or the country alone."""
        return f"{self.country}-{self.region}" if self.region else self.country

    def __str__(self) -> str:
        found = pycountry.countries.get(alpha_2=self.country) if self.country else None
        country = getattr(found, "common_name", None) or getattr(found, "name", "") or self.country
        return ", ".join(filter(None, (states().get(self.region, self.region), country)))


@lru_cache(maxsize=1)
def states() -> dict[str, str]:
    """The states, the district and the territories of the United States by their code, in the order of their names."""
    found = pycountry.subdivisions.get(country_code=WITH_STATES)  # type: ignore[no-untyped-call] # ships few
    named = {each.code.removeprefix(f"{WITH_STATES}-"): each.name for each in found}
    return dict(sorted(named.items(), key=lambda each: each[1]))


def checked(country: str, region: str, *, field: str = "region") -> Where:
    """What was said, as it is kept. Raises Invalid (422) for a state that is none, or outside of the United States."""
    if region and country != WITH_STATES:
        raise Invalid.field(
            field, "Only an address in the United States has a state here.", code="not_a_choice"
        )
    if region and region not in states():
        raise Invalid.field(field, "Choose a state from the list.", code="not_a_choice")
    return Where(country, region)
