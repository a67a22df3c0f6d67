from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace import holdings  # noqa: PLC0415 -- models are there from here on
        from marketplace.casting import appealed  # noqa: PLC0415 -- says what can be appealed
        from marketplace.engagements import moving  # noqa: F401, PLC0415 -- it listens

        holdings.register()
        appealed.register()
