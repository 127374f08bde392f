"""Finds consequential calls in Python source that no guard covers; reads text, imports nothing."""
