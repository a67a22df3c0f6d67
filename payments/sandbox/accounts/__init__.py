"""Connected accounts: what they are, what they may do, and how they come to be verified."""
