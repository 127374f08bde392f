"""The version, read by the build and by `assentry --version`."""

__version__ = "0.1.0"
