"""Table grids, column widths and floating tables."""
