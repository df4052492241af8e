"""Running one job safely: one inbox, one deciding thread, stop bytes first."""
