"""Layers that several architectures share. Import from the file that holds the idea."""
