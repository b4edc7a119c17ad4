"""Cases: chains of acts, their deadlines and pending steps."""
