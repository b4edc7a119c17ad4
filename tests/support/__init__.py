"""Test support: sample offices, Word samples, readers of PDFs and pages."""
