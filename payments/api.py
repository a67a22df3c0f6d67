"""Collects the rooms' endpoints."""

from payments.connect.api import urlpatterns as connect
from payments.funding.api import urlpatterns as funding
from payments.payroll.api import urlpatterns as payroll
from payments.reconciliation.api import urlpatterns as reconciliation
from payments.statements.api import urlpatterns as statements

urlpatterns = [*connect, *funding, *payroll, *reconciliation, *statements]
