"""PDF output: WeasyPrint, structure tags, PDF/A, attachments."""
