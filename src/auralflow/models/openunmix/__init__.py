"""Open-Unmix: a recurrent network for each target, and a Wiener filter over all of them."""
