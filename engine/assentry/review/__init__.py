"""What an approver sees of an action: redacted, faithful, the same in every channel."""
