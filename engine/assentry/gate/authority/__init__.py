"""Delegated authority: mandates that people give to agents, which narrow from hand to hand and can be taken back."""
