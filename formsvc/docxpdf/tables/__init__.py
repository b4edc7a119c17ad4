"""Tables: grid, column widths, borders, floating tables."""
