"""Names of the types that pass between the files of this folder."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Array: TypeAlias = npt.NDArray[Any]
Rng: TypeAlias = np.random.Generator
Config: TypeAlias = dict[str, Any]  # a YAML file, see gioconda_s.yaml
Entry: TypeAlias = dict[str, Any]  # of an index.json: a region, a source or a sample
Pick: TypeAlias = tuple[int, int]  # which folder, and which of its samples
Batch: TypeAlias = "Sequence[torch.Tensor]"  # five of N C E E: geometric picture, truth, maps, portrait, its maps
