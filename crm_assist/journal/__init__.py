"""Ground: append-only rows, their one writer, seals and their verification."""
