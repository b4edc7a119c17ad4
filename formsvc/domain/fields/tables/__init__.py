"""Tables as pages and papers show them: layout, totals."""
