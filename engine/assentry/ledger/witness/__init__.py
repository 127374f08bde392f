"""Witnesses (C2SP tlog-witness): who saw a log grow, and would see a second history."""
