"""The exit codes: one table for all commands."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says."""

    FINE = 0
    """it did what was asked, and found nothing to complain about"""
    FINDINGS = 1
    """findings in the rules, or failed tests"""
    ERROR = 2
    """wrong usage, configuration or input, or an internal error"""
    DENY = 10
    """`eval --exit-code`: at least one action is denied"""
    REQUIRE_APPROVAL = 11
    """`eval --exit-code`: none is denied, at least one needs approval"""
    INTERRUPTED = 130
    """stopped by Ctrl-C"""


HELP = """\b
Exit codes:
  0    fine
  1    findings in the rules, or failed tests
  2    wrong usage, configuration or input, or an internal error
  10   `eval --exit-code`: an action is denied
  11   `eval --exit-code`: none is denied, an action needs approval
  130  stopped by Ctrl-C"""
