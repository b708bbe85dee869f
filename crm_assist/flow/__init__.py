"""The story of the product, and the only place that crosses steps: read this page and you know what happens."""
