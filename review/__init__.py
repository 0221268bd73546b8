"""What goes out: the review of a period, from the marts alone."""
