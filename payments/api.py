"""Collects the rooms' endpoints."""

from payments.adjustments.api import urlpatterns as adjustments
from payments.books.api import urlpatterns as books
from payments.books.journal_api import urlpatterns as books_journals
from payments.books.register_api import urlpatterns as books_register
from payments.books.year_api import urlpatterns as books_years
from payments.connect.api import urlpatterns as connect
from payments.connect.sharing_api import urlpatterns as sharing
from payments.control.api import urlpatterns as control
from payments.control.holds_api import urlpatterns as holds
from payments.dunning.api import urlpatterns as dunning
from payments.fairness.api import urlpatterns as fairness
from payments.funding.api import urlpatterns as funding
from payments.identity_checks.api import urlpatterns as identity
from payments.inbox.api import urlpatterns as inbox
from payments.invoicing.account_api import urlpatterns as account
from payments.invoicing.api import urlpatterns as invoicing
from payments.invoicing.billing_api import urlpatterns as billing
from payments.paylines.api import urlpatterns as pay_lines
from payments.payouts.api import urlpatterns as payouts
from payments.payouts.ended_accounts_api import urlpatterns as ended_accounts
from payments.payroll.api import urlpatterns as payroll
from payments.payroll.limits_api import urlpatterns as limits
from payments.payroll.off_cycle_api import urlpatterns as off_cycle
from payments.restating.api import urlpatterns as restating
from payments.statements.api import urlpatterns as statements
from payments.terms.api import urlpatterns as terms

urlpatterns = [
    *connect,
    *sharing,
    *identity,
    *funding,
    *terms,
    *dunning,
    *pay_lines,
    *limits,
    *invoicing,
    *billing,
    *account,
    *off_cycle,
    *payroll,
    *payouts,
    *ended_accounts,
    *adjustments,
    *restating,
    *inbox,
    *control,
    *holds,
    *statements,
    *books,
    *books_journals,
    *books_register,
    *books_years,
    *fairness,
]
