"""Evaluation of answers against a definition."""
