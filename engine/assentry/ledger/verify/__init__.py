"""Verification: what a log, or an export of one, proves against a public key and other evidence."""
