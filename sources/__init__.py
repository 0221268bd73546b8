"""What comes in: landing zone, report forms, plan catalogue, agencies, calendar; all of it ends in `raw`."""
