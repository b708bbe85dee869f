"""Step 2 of 8: the live score, its band and trend, and the stored latest score."""
