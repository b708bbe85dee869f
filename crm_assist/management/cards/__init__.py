"""Cards on a terminal: which one is meant, how it is drawn, what is wrong with it; commands put these together."""
