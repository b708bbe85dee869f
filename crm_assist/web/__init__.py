"""What people see: the panel on the record, administrators' and analysts' pages. Parse, one flow call, render."""
