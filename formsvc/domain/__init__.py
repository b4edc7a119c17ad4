"""The trade: acts, forms, numbers, periods, authority. No files, no clock, no database, no framework."""
