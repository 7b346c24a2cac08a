"""What the tests of this folder share, and how they say that a machine lacks what they need."""
from __future__ import annotations

import os
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# Modules that are not Python's own: their names in requirements.txt and in Debian.
NEEDS = {
    "matplotlib": ("matplotlib", "python3-matplotlib"), "numpy": ("numpy", "python3-numpy"), "onnx": ("onnx", "python3-onnx"),
    "PIL": ("Pillow", "python3-pil"), "torch": ("torch", "python3-torch"), "yaml": ("PyYAML", "python3-yaml"),
}


def skipped(missing: ModuleNotFoundError) -> unittest.SkipTest:
    """For a module of tests to raise where an import failed; a fault in our own imports is no reason to skip."""
    name = (missing.name or "").split(".")[0]
    if name not in NEEDS:
        raise missing
    return unittest.SkipTest(f"SKIPPED: {name} is missing; apt-get install {NEEDS[name][1]}")
