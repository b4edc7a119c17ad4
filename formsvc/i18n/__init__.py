"""Catalogues of the texts people read."""
