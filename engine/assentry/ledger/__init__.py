"""A log that remembers so that tampering shows: one RFC 6962 Merkle tree per tenant, signed at every commit.

It knows entries (canonical JSON bodies with what is sealed beside them), the last entry of each request, and
claims; of votes and grants it knows nothing.
"""
