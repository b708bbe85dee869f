"""A host made for figures: customers with twenty plain columns, and what happened with them."""
