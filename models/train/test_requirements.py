#!/usr/bin/env python3
"""Tests of requirements.txt, which need nothing of what it names: python3 models/train/test_requirements.py"""
from __future__ import annotations

import ast
import os
import re
import sys
import unittest

import testing


def imported() -> set[str]:
    """Modules that this folder imports, but for Python's own and the folder's."""
    found: set[str] = set()
    files = [name for name in os.listdir(testing.HERE) if name.endswith(".py")]
    for name in files:
        with open(os.path.join(testing.HERE, name), encoding="utf-8") as f:
            tree = ast.parse(f.read(), name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {name[:-3] for name in files}


class Requirements(unittest.TestCase):
    def test_every_import_has_its_version(self) -> None:
        with open(os.path.join(testing.HERE, "requirements.txt"), encoding="utf-8") as f:
            named = re.findall(r"^(\w+)==[\d.]+$", f.read(), re.MULTILINE)
        self.assertEqual(sorted(imported()), sorted(testing.NEEDS))
        self.assertEqual(sorted(named), sorted(name for name, _ in testing.NEEDS.values()))


if __name__ == "__main__":
    unittest.main()
