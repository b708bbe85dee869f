"""Edge: the panel on the customer's record, the pages for administrators and analysts."""
