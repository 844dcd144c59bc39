"""`python3 trainer.py …` is `auralflow train …`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from auralflow.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
