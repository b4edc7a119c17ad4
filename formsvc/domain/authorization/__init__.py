"""Whether an authority may do an act."""
