"""The physics and statistics of extruding an ink."""
