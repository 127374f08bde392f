"""Holds an action until people agree, and lets exactly that action run once."""
