"""A host whose admin wears a theme: `THEME` in the environment says which."""
