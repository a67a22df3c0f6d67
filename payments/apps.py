from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from payments import holdings  # noqa: PLC0415 -- models are there from here on
        from payments.paylines import desk  # noqa: PLC0415 -- likewise

        holdings.register()
        desk.register()
