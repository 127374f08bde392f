"""The version, read by the build and by `assentry --version`."""

__version__ = "0.1.0"

# The version of the rule language; part of every policy digest.
LANGUAGE = "1"
