"""Chooses the 200 pictures of tests/pictures/parity: freely licensed, unmodified.

    python parity_pictures.py

A hundred Google drawings (Apache-2.0) and a hundred Fluent ones (MIT), drawn at
random from all concepts, trained and held out alike; names are "<style>_<hex>".
"""

import random
import shutil

import settings
from concepts import all_concepts
from pictures import RASTERS

FOLDER = settings.HERE.parent / "tests/pictures/parity"
LIMIT = 10_000  # bytes a file
COUNT = 100


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = random.Random(2001)
    for style in ("google", settings.TEST_STYLE):
        package = settings.PACKAGES / RASTERS[style][0]
        files = [
            (c.hex, package / c.files[style])
            for c in all_concepts()
            if style in c.files
        ]
        small = [(h, f) for h, f in files if f.stat().st_size <= LIMIT]
        for hexcode, file in rng.sample(small, COUNT):
            shutil.copyfile(file, FOLDER / f"{style}_{hexcode}{file.suffix}")


if __name__ == "__main__":
    main()
