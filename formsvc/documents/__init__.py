"""Word in, Word and PDF out; knows documents, not acts."""
