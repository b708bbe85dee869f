"""Cards on a terminal: which one is meant, how it is drawn, what is wrong with it. The command only puts these together."""
