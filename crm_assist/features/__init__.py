"""Step 1 of 8: what is known of a customer at a moment, declared once."""
