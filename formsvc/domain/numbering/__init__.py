"""Document numbers, series and the number register."""
