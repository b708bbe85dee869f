"""Ground: scorecards as data, in three exact executions, and their published versions."""
