"""By what a company is found in Peppol: the schemes of electronic addresses that the house knows, and how their numbers look.

The codes are those of the European list (EAS); a test holds them against the list that the validator of EN 16931 carries.
"""

import re

_TABLE = """
0002 France, SIREN | 0007 Sweden, organisationsnummer | 0009 France, SIRET | 0060 D-U-N-S number | 0088 GLN of GS1 |
0106 Netherlands, KvK | 0151 Australia, ABN | 0183 Switzerland, UID | 0184 Denmark, CVR | 0188 Japan, corporate number |
0190 Netherlands, OIN | 0191 Estonia, registry code | 0192 Norway, organisasjonsnummer | 0195 Singapore, UEN |
0196 Iceland, kennitala | 0200 Lithuania, legal entity code | 0201 Italy, IPA code | 0204 Germany, Leitweg-ID |
0208 Belgium, enterprise number | 0211 Italy, partita IVA | 0216 Finland, OVT | 0218 Latvia, registration number |
9910 Hungary, VAT number | 9914 Austria, VAT number | 9920 Spain, VAT number | 9925 Belgium, VAT number |
9926 Bulgaria, VAT number | 9928 Cyprus, VAT number | 9929 Czechia, VAT number | 9930 Germany, VAT number |
9931 Estonia, VAT number | 9932 United Kingdom, VAT number | 9933 Greece, VAT number | 9934 Croatia, VAT number |
9935 Ireland, VAT number | 9937 Lithuania, VAT number | 9938 Luxembourg, VAT number | 9939 Latvia, VAT number |
9943 Malta, VAT number | 9944 Netherlands, VAT number | 9945 Poland, VAT number | 9946 Portugal, VAT number |
9947 Romania, VAT number | 9949 Slovenia, VAT number | 9950 Slovakia, VAT number | 9957 France, VAT number |
9959 United States, EIN
"""
SCHEMES: dict[str, str] = {row[:4]: row[5:] for row in map(str.strip, _TABLE.split("|"))}
GLN, LONGEST_ID = "0088", 50
ANY = r"[A-Za-z0-9][A-Za-z0-9:._-]{1,49}"
# Of those whose form Peppol checks itself (PEPPOL-COMMON-R040 to R050).
FORMS = {
    "0007": r"[0-9]{10}",
    GLN: r"[0-9]{13}",
    "0151": r"[0-9]{11}",
    "0184": r"DK[0-9]{8}",
    "0192": r"[0-9]{9}",
    "0208": r"[0-9]{10}",
}


def is_formed(scheme: str, number: str) -> bool:
    """Whether a number can be one of that scheme. Of a GLN its check digit is reckoned (GS1); of others the form alone."""
    if not re.fullmatch(FORMS.get(scheme, ANY), number):
        return False
    return scheme != GLN or sum(int(digit) * (1 + 2 * (at % 2)) for at, digit in enumerate(number)) % 10 == 0
