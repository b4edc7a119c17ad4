"""Font files, substitution and subsetting."""
