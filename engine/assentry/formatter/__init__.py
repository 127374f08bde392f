"""The one official shape of a rule file."""
