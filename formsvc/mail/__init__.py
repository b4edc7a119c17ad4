"""Mail that the service sends, and the file that stands in for it."""
