"""Line breaking and the items of a line."""
