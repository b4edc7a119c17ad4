"""Word files for tests."""
