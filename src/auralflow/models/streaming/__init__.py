"""A network over a signal that is longer than what it can see at once. Import from the file that holds the idea."""
