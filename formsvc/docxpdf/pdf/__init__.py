"""The PDF file: WeasyPrint, tags, PDF/A, attachments."""
