"""Doors that no journey has walked yet. The list only gets shorter."""

from tests.journeys.reached import Door

NOT_WALKED: set[Door] = {
    Door("address_undo", "GET"),
    Door("api_company_week", "GET"),
    Door("api_halt_lift", "POST"),
    Door("api_halts", "GET"),
    Door("api_invariants", "GET"),
    Door("api_pay_item_release", "POST"),
    Door("api_pay_run_cancel", "POST"),
    Door("api_pay_run_items", "GET"),
    Door("api_recoveries", "GET"),
    Door("api_recovery_agree", "POST"),
    Door("api_recovery_refuse", "POST"),
    Door("api_timesheet_approve", "POST"),
    Door("halt_lift", "POST"),
    Door("held_retry", "POST"),
    Door("held_retry_all", "POST"),
    Door("payday_cancel", "POST"),
    Door("payday_fragment", "GET"),
    Door("payday_progress", "GET"),
    Door("proved", "GET"),
    Door("recovery", "GET"),
    Door("recovery_decide", "POST"),
    Door("staff_change", "POST"),
}
