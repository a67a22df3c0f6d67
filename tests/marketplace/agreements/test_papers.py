"""What both signed as a PDF with the house's signature: pyhanko itself verifies it, and one flipped byte is found."""

import io
import re
import zlib

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from callboard.embedded import own_certificate
from kit.money import Money
from marketplace.agreements import paper
from marketplace.engagements import operations, papers
from marketplace.engagements.models import Paper, Signature
from marketplace.engagements.tasks import papers as tick
from marketplace.rights.models import Grant
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.engagements.test_operations import to_sign
from tests.stories import BEFORE as AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Paper:
    engagement = to_sign()
    stories.both_sign(engagement)
    assert papers.make_owed(at=AT) == 1
    return Paper.objects.get()


def test_nothing_is_made_before_both_have_signed_and_then_once() -> None:
    engagement = to_sign()
    stories.signs_as_performer(engagement)
    assert papers.make_owed(at=AT) == 0
    stories.countersigns(engagement)
    tick()
    tick()
    assert Paper.objects.count() == 1
    again = papers.make(terms=engagement.versions.get(), at=AT)
    assert again == Paper.objects.get()


def test_pyhanko_finds_it_signed_whole_and_by_the_houses_certificate(made: Paper) -> None:
    (signature,) = PdfFileReader(io.BytesIO(bytes(made.content))).embedded_signatures
    roots = list(load_certs_from_pemder_data(settings.AGREEMENT_CERT.encode()))
    found = validate_pdf_signature(signature, ValidationContext(trust_roots=roots))
    assert found.bottom_line
    assert found.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    assert made.certificate_sha256 == paper.fingerprint(settings.AGREEMENT_CERT)
    assert made.terms.text_sha256 in str(signature.sig_object["/Reason"])


@pytest.mark.parametrize("at", [0.2, 0.5, 0.9])
def test_one_flipped_byte_is_found(made: Paper, at: float) -> None:
    whole = bytearray(made.content)
    assert paper.is_whole(bytes(whole), certificates=settings.AGREEMENT_CERT)
    whole[int(len(whole) * at)] ^= 1
    assert not paper.is_whole(bytes(whole), certificates=settings.AGREEMENT_CERT)


def test_another_houses_signature_is_none_of_ours(made: Paper) -> None:
    other = own_certificate.made()["AGREEMENT_CERT"]
    assert not paper.is_whole(bytes(made.content), certificates=other)


def test_it_says_the_text_and_both_signatures_letter_for_letter(made: Paper) -> None:
    said = papers.html_of(made.terms)
    for words in (
        "Freelance law of New York",
        "In plain words:",
        made.terms.text_sha256,
        made.terms.performer_signature,
    ):
        assert words in said
    assert said.count("SHA-256 of what was shown") == 2


def test_it_says_which_uses_were_read_and_which_of_them_were_granted() -> None:
    gig = stories.a_gig(stories.a_company(), purposes=["evaluation", "fine_tuning"])
    engagement = stories.accepts(stories.a_performer(), gig)
    stories.both_sign(engagement, grants=["evaluation"])
    papers.make_owed(at=AT)
    said = papers.html_of(Paper.objects.get().terms)
    assert "Evaluate a model: granted with this signature." in said
    assert "Fine-tune a model: not granted with this signature." in said
    assert Grant.objects.get().text in said.replace("&#x27;", "'").replace("&quot;", '"')
    (performers,) = Signature.objects.filter(side="performer")
    assert performers.uses_sha256 in said


def test_both_take_it_by_page_and_api_and_nobody_else(made: Paper) -> None:
    engagement = made.terms.engagement
    path, page = (
        f"engagements/{engagement.public_id}/versions/1/document",
        "/engagements/{}/versions/{}/signed.pdf",
    )
    owner = stories.person(stories.owner_of(engagement.company))
    for who in (engagement.performer.user, owner):
        taken = browser(who).get(page.format(engagement.public_id, 1))
        assert taken.content == Caller(who).api.get(path).content == bytes(made.content)
        assert taken.headers["Content-Type"] == "application/pdf"
        told = Caller(who).get(f"engagements/{engagement.public_id}/agreement")[1]
        assert told["document"]["sha256"] == made.sha256
        assert [row["side"] for row in told["signatures"]] == ["performer", "company"]
        assert "The signed PDF" in browser(who).get(f"/engagements/{engagement.public_id}/").content.decode()
    for stranger in (stories.a_performer().user, stories.person(stories.owner_of(stories.a_company()))):
        assert browser(stranger).get(page.format(engagement.public_id, 1)).status_code == 404
        assert Caller(stranger).get(path)[0] == 404
    assert browser(owner).get(page.format(engagement.public_id, 2)).status_code == 404


def test_an_amendment_has_a_paper_of_its_own_and_the_first_stays(made: Paper) -> None:
    engagement = made.terms.engagement
    us = stories.owner_of(engagement.company)
    operations.amend(engagement=engagement, rate=Money(8_000, "usd"), by=us, at=AT)
    stories.both_sign(engagement)
    assert papers.make_owed(at=AT) == 1
    assert Paper.objects.count() == 2
    for change in (made.delete, lambda: Paper.objects.update(sha256="0" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_document_brings_nothing_from_elsewhere() -> None:
    for address in (
        "file:///etc/passwd",
        "https://example.org/x.woff2",
        f"{paper.FONTS.as_uri()}/../tokens.css",
    ):
        with pytest.raises(paper.NothingIsFetched):
            paper._own_font(address)
    name = "instrument-sans-latin-wght-normal.woff2"
    assert paper._own_font(f"{paper.FONTS.as_uri()}/{name}")


@pytest.mark.parametrize(
    ("name", "is_printed"), [("Zoë Ōkami", True), ("Ada 🎭", True), ("\U00012f90", False)]
)
def test_a_name_whose_letters_no_font_has_is_never_signed_as_boxes(name: str, is_printed: bool) -> None:
    """The last one's script (Cypro-Minoan) has a font on no machine that nobody gave one. It is put off, and made once there is."""
    engagement = to_sign()
    stories.both_sign(engagement)
    html = papers.html_of(engagement.versions.get()).replace(engagement.performer.user.name, name)
    if is_printed:
        assert paper.printed(html).startswith(b"%PDF")
    else:
        with pytest.raises(paper.LettersMissing, match="fonts-noto"):
            paper.printed(html)


def test_is_set_in_the_houses_own_type() -> None:
    face = (
        '@font-face { font-family: "Instrument Sans"; src: url("instrument-sans-latin-wght-normal.woff2"); }'
    )
    pdf = paper.printed(f'<style>{face} p {{ font-family: "Instrument Sans" }}</style><p>Yes, and.')
    parts = [
        zlib.decompress(part)
        for part in re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    ]
    assert any(b"Instrument-Sans" in part for part in parts)
