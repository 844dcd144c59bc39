"""Folders of music to tracks, tracks to chunks. Import from the file that holds the idea."""
