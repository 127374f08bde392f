"""Assentry decides actions by policy."""
