"""Ground: the phase ladder, who is admitted and why, and the kill switch."""
