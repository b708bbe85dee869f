"""Ground: work that lasts, one row for each run, held by one process at a time and gone on with after a crash."""
