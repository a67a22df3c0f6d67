from kit.rows import by_public_id
from payments.inbox.models import Finding, Halt


def get_finding(public_id: str) -> Finding:
    """Raises NotFound (404)."""
    return by_public_id(Finding.objects.all(), public_id)


def get_halt(public_id: str) -> Halt:
    """Raises NotFound (404)."""
    return by_public_id(Halt.objects.all(), public_id)
