"""What training.py runs: our training beside a bare loop, and the trainings of other packages."""
