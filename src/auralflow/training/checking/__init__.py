"""A rehearsal before a long run: one real step of everything, in processes of their own, and what the run will take."""
