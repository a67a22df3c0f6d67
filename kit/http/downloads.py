from django.http import HttpResponse


def csv_file(name: str, content: bytes) -> HttpResponse:
    """`content` as a file to keep, under `name`, which is of our own making."""
    return _kept(name, content, content_type="text/csv; charset=utf-8")


def xml_file(name: str, content: bytes) -> HttpResponse:
    """The same of an XML document, which says its own encoding."""
    return _kept(name, content, content_type="application/xml")


def _kept(name: str, content: bytes, *, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
