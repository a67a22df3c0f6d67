from kit.errors import NotFound
from payments.inbox.models import Finding, Halt


def get_finding(public_id: str) -> Finding:
    """Raises NotFound (404)."""
    found = Finding.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def get_halt(public_id: str) -> Halt:
    """Raises NotFound (404)."""
    found = Halt.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
