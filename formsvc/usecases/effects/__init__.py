"""Effects (效力) of documents: planned, carried out, undone."""
