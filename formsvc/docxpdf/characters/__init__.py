"""Character classes and number formats of Chinese typesetting."""
