"""How the programs of this folder tell what they are doing."""
from __future__ import annotations

import logging
import sys


def to_stdout() -> None:
    """Every line with the time of day, on standard output, so that it goes wherever a run's results go."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
