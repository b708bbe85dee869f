"""Ground: the host's customers, seen through one adapter each, and the subjects that stand for them."""
