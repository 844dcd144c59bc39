"""Where a run is logged, and what of it: numbers, histograms, sound and pictures."""
