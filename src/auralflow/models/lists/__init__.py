"""U-Nets from lists of layers: entries are read and checked, turned into modules, and stacked into levels."""
