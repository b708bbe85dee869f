"""How the bank writes dates, by language."""
