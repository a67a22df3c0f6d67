"""What people are told when they log in or look after their account: allauth's sentences, in ours."""

OF_ACCOUNTS = {
    "account_inactive": "This account is closed. Write to us if you think that is wrong.",
    "cannot_remove_primary_email": "This is your main address. Make another one the main address first.",
    "duplicate_email": "This address is yours already.",
    "email_password_mismatch": "Address and password do not fit together. Try again, or set a new password. If you have"
    " only just signed up, look into your mail first: its link lets you in.",
    "email_taken": "There is an account with this address. Log in with it instead.",
    "enter_current_password": "Write the password that you have now.",
    "incorrect_code": "That is not the code. Look again; it changes every half minute.",
    "incorrect_password": "That is not your password. Nothing was changed.",
    "invalid_or_expired_key": "This link has been used or is too old. Ask for a new one.",
    "invalid_login": "That does not log you in. Try again.",
    "invalid_password_reset": "This link has been used or is too old. Ask for a new one.",
    "max_email_addresses": "You have %d addresses already. Remove one first.",
    "rate_limited": "That was too often. Wait a few minutes, then try again.",
    "same_as_current": "That is what you have now. Write the new one.",
    "select_only_one": "Choose one.",
    "too_many_login_attempts": "That was wrong too often. Wait a few minutes, or set a new password.",
    "unknown_email": "No account has this address.",
    "unverified_primary_email": "Confirm the address first: open the link that we sent there.",
}
