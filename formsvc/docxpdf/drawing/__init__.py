"""Drawings, pictures and text boxes."""
