from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace import holdings  # noqa: PLC0415 -- models are there from here on
        from marketplace.casting import appealed  # noqa: PLC0415 -- says what can be appealed
        from marketplace.engagements import moving  # noqa: F401, PLC0415 -- it listens
        from marketplace.works import appealed as pieces  # noqa: PLC0415 -- the same

        holdings.register()
        appealed.register()
        pieces.register()
