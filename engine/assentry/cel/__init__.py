"""The condition language (CEL): text to typed tree and back."""
