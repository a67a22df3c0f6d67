"""Collects the rooms' pages."""

from payments.adjustments.pages import urlpatterns as adjustments
from payments.books.journal_pages import urlpatterns as books_journals
from payments.books.month_pages import urlpatterns as books_months
from payments.books.pages import urlpatterns as books
from payments.books.register_pages import urlpatterns as books_register
from payments.books.year_pages import urlpatterns as books_years
from payments.connect.pages import urlpatterns as connect
from payments.connect.sharing_pages import urlpatterns as sharing
from payments.control.held_pages import urlpatterns as held
from payments.control.pages import urlpatterns as control
from payments.dunning.pages import urlpatterns as dunning
from payments.fairness.pages import urlpatterns as fairness
from payments.funding.pages import urlpatterns as funding
from payments.funding.today_pages import urlpatterns as funding_today
from payments.identity_checks.pages import urlpatterns as identity
from payments.inbox.pages import urlpatterns as inbox
from payments.invoicing.account_pages import urlpatterns as account
from payments.invoicing.billing_pages import urlpatterns as billing
from payments.invoicing.pages import urlpatterns as invoicing
from payments.paylines.pages import urlpatterns as pay_lines
from payments.payouts.ended_accounts_pages import urlpatterns as ended_accounts
from payments.payouts.pages import urlpatterns as payouts
from payments.payroll.limits_pages import urlpatterns as limits
from payments.payroll.off_cycle_pages import urlpatterns as off_cycle
from payments.payroll.pages import urlpatterns as payroll
from payments.restating.pages import urlpatterns as restating
from payments.statements.line_pages import urlpatterns as statement_files
from payments.statements.pages import urlpatterns as statements
from payments.terms.pages import urlpatterns as terms
from payments.webhooks.pages import urlpatterns as webhooks

urlpatterns = [
    *connect,
    *sharing,
    *identity,
    *funding,
    *funding_today,
    *terms,
    *dunning,
    *fairness,
    *held,
    *inbox,
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
    *control,
    *webhooks,
    *statement_files,
    *statements,
    *books,
    *books_months,
    *books_journals,
    *books_register,
    *books_years,
]
