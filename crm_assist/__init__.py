"""Scores on the customer record and suggestions for agents: the package itself holds only its version."""

__version__ = "0.1.0"
