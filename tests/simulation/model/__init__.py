"""The payout protocol alone, in memory: the same decisions and times as the product's, a tiny Stripe, and a seed that
interleaves, kills, freezes, jumps and restores. No database and no clock, so 100,000 stories take under a minute.

What it grants: a worker does not stand still for hours between its last look at the clock and the wire; a request whose
answer was lost runs within ten minutes or never; clocks differ by ten minutes at most.
"""
