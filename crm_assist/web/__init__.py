"""What people see: the panel on the record, the pages for administrators and analysts. Thin: parse, one flow call, render."""
