from django.http import HttpResponse


def csv_file(name: str, content: bytes) -> HttpResponse:
    """`content` as a file to keep, under `name`, which is of our own making."""
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def xml_file(name: str, content: bytes) -> HttpResponse:
    """The same of an XML document, which says its own encoding."""
    answer = HttpResponse(content, content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
