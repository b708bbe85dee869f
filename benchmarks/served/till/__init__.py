"""A host whose customers have twenty plain columns to learn from."""
