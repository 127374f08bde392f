"""Where people are asked, and where their answers come from."""
