"""Step 5 of 8: decisions, what was displayed, what agents answered, what customers then did."""
