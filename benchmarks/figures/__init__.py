"""One module for each figure, or for a few that share their data; found by being here."""
