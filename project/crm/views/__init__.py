"""What an agent sees, one module per part of the bank."""
