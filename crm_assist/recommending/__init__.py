"""Step 4 of 8: products, their ranking, and the slate of at most three suggestions."""
