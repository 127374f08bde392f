"""A rehearsal of attacks: a scratch ledger is tampered with in every way of the matrix, and verified each time."""
