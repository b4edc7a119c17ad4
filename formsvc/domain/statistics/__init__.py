"""Views of the office's work: what is counted, and by what."""
