"""Life of a kind of document: deadlines, follow-ups, service, effects."""
