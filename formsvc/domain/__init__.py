"""Rules of the trade: no files, no clock, no database, no framework."""
