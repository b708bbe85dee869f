"""Ground: the answers given to requests that carry a key, kept for a day, so that a retry changes nothing twice."""
