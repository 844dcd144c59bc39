"""What `loader.py` measures: composed music, the loaders that read it, and what starting and memory cost."""
