from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import holdings  # noqa: PLC0415 -- models are there from here on
        from accounts.identity import freshness, trace  # noqa: F401, PLC0415 -- hear of each proof of who someone is

        holdings.register()
        from accounts.identity import passwords  # noqa: PLC0415 -- reads allauth's forms, which read the models

        passwords.keep_as_given()
        from accounts.invitations import ending  # noqa: F401, PLC0415 -- hears of a place that is lost
        from accounts.keys import undoing  # noqa: F401, PLC0415 -- hears of that, and of an address that is put back
        from accounts.security import signals  # noqa: F401, PLC0415 -- hears of each change of what proves it
        from accounts.standing import appealed  # noqa: F401, PLC0415 -- says what can be appealed
