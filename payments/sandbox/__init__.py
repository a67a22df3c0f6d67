"""A stateful simulator of Stripe Connect that the unmodified `stripe` SDK talks to.

It stands alone: standard library and `stripe` only (the SDK's own types are the parameter check). Run it with
`python -m payments.sandbox --port PORT --data DIR`, or in process through `payments.sandbox.inprocess`.
"""
