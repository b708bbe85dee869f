"""Business rules: a typed tree over safe features, its document, its sentence, and its two equal executions."""
