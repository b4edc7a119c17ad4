"""Reading Word templates: packages, tags, inspection."""
