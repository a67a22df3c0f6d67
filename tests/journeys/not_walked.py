"""Doors that no journey has walked yet. The list only gets shorter."""

from tests.journeys.reached import Door

NOT_WALKED: set[Door] = set()
