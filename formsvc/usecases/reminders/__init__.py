"""Reminders of what is due, sent to the person who has to act."""
