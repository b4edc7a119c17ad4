"""WordprocessingML properties: styles, numbering, settings."""
