"""One file a check; the list of all is in `auralflow.datasets.checking.catalogue`."""
