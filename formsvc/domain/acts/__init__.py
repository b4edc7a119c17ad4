"""Acts (文书) and receipts of their service."""
