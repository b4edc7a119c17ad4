"""Options that are computed when a form is filled in."""
