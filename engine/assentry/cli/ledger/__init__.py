"""The commands under `assentry ledger`: one file each."""
