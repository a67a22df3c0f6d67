"""How long a name may be: of a person, of a performer on stage, of a company."""

LONGEST_NAME = 120
