"""How long it may be, what people say of themselves: the name of a person, of a performer on stage, of a company."""

LONGEST_NAME = 120
LONGEST_ABOUT = 2_000
LONGEST_EMAIL = 254
LONGEST_WEBSITE = 200
LONGEST_REGISTRATION = 60
