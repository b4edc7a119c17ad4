"""Case files, case lists and due steps."""
