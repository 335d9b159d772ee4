"""The split: by concept first, then by style.

15 % of the bases are held out in every style; the trained concepts are drawn in
the trained styles only; and a hundred of them also lack Twitter's drawing, which
is what checkpoints are chosen on (never on a test list).
"""

import random
from functools import lru_cache

from pictures import Concept, load_concepts

HELD_SHARE = 0.15
VALIDATION_SIZE = 100
VALIDATION_STYLE = "twitter"


@lru_cache
def all_concepts() -> list[Concept]:
    return load_concepts()


@lru_cache
def split() -> tuple[list[Concept], list[Concept]]:
    """(trained, held out) concepts, in emojibase's order."""
    concepts = all_concepts()
    bases = sorted({c.base for c in concepts})
    random.Random(0).shuffle(bases)
    held = set(bases[: round(HELD_SHARE * len(bases))])
    trained = [c for c in concepts if c.base not in held]
    return trained, [c for c in concepts if c.base in held]


@lru_cache
def validation() -> list[Concept]:
    """Trained concepts whose Twitter drawing is kept out of training."""
    return random.Random(1).sample(split()[0], VALIDATION_SIZE)


@lru_cache
def validation_hexes() -> frozenset[str]:
    return frozenset(c.hex for c in validation())


def trainable(concept: Concept, style: str) -> bool:
    """Whether training may see this trained concept in this style."""
    unseen = style == VALIDATION_STYLE and concept.hex in validation_hexes()
    return style in concept.files and not unseen
