"""All this at the prompt: one file per command under `commands/`."""
