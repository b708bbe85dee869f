"""What the law asks about customers' data: what must be kept in spite of an end, and what a customer may be told."""
