"""Why someone is declined or suspended: closed lists, so that every no says something; free words go with each."""

from django.db.models import TextChoices


class Declined(TextChoices):
    PROFILE = "profile", "The profile does not show what producers need"
    IDENTITY = "identity", "The identity is not proven"
    UNDER_AGE = "under_age", "Sessions are for adults"
    SECOND_ACCOUNT = "second_account", "There is another account of the same person"
    REGISTRATION = "registration", "The registration was not found"
    DOMAIN = "domain", "The website is not shown to be theirs"
    WORK = "work", "This is not work that the house offers"


class Suspended(TextChoices):
    SAFETY = "safety", "Somebody's safety"
    FRAUD = "fraud", "Fraud, or a false identity"
    RENTED = "rented", "Somebody else uses the account"
    CONDUCT = "conduct", "Conduct against the terms"
    UNPAID = "unpaid", "Money that is owed was not paid"
    LAW = "law", "The law asks for it"
