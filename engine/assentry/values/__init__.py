"""What CEL values, operators and functions do.

`runtime` holds the values that Python lacks, `equality` compares, `registry` finds functions and
operators (one file per family declares them), `literals` writes values as plain data, `limits` says
how large a value may be. Nothing here parses a language or touches a disk, a clock or a network.
"""
