"""How much is done to the payday."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Amount:
    """Each of these so many times. Half of the kills are at named points, half at any moment."""

    kills: int = 40
    broker_restarts: int = 10
    flushes: int = 2
    postgres_stops: int = 10
    freezes: int = 2
    droughts: int = 6
    restores: int = 1

    def of_machines(self) -> list[str]:
        """What is done to machines, each name as often as it is to happen."""
        return [field.name for field in fields(self)[1:] for _ in range(getattr(self, field.name))]
