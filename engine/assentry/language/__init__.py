"""The rule language around the conditions: text to typed tree and back."""
