"""Hostile files, definitions, values and requests: each is refused with a sentence, or does nothing."""
