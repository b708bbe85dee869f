"""Step 3 of 8: which products may be offered to this customer, and why not the others."""
