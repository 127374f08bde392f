"""Tries the guarantees on a project's own rules, directory and ledger: in a scratch ledger, with invented agents."""
