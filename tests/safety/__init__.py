"""Hostile input: what it may not reach, and what it may not do. Quick form in `make test`, long form `make safety`."""
