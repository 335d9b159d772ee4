"""SQuAD's exact match and F1 of 200 made answers, and macro average precision
of 200 made tables, with one digit for each label and score.

    pip download --no-deps transformers==4.57.1     (version 5 has no SQuAD metrics)
    python make_short_answers.py transformers-4.57.1-py3-none-any.whl
"""

import ast
import collections
import json
import random
import re
import string
import sys
import zipfile
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score

WORDS = (
    "a an the A The dog dog dog's cats Cats, (red) e-mail U.S. 3.5 10% Ana é été-a "
    "theatre ana_the “the” — naïve on in_a red RED ? . and"
).split()


def squad_functions(wheel):
    """The metric's functions alone: the module around them imports models."""
    source = zipfile.ZipFile(wheel).read("transformers/data/metrics/squad_metrics.py")
    wanted = {"normalize_answer", "get_tokens", "compute_exact", "compute_f1"}
    body = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name in wanted
    ]
    scope = {"collections": collections, "re": re, "string": string}
    exec(compile(ast.Module(body, []), str(wheel), "exec"), scope)
    return scope["compute_exact"], scope["compute_f1"]


def answer(rng):
    return rng.choice([" ", " ", "  "]).join(rng.choices(WORDS, k=rng.randint(0, 4)))


def answers(rng, exact, f1):
    truth = answer(rng)
    kind = rng.random()
    guess = answer(rng)
    if kind < 0.3:
        guess = "The " + truth.upper() + "."
    elif kind < 0.6:
        guess = truth + " " + guess
    return [guess, truth, exact(truth, guess), f1(truth, guess)]


def table(rng):
    examples, classes = rng.randint(3, 7), rng.randint(1, 4)
    labels = rng.randint(0, 2, (classes, examples))
    labels[:, 0] = 1
    scores = rng.randint(0, 10, (classes, examples))
    mean = average_precision_score(labels.T, scores.T, average="macro")
    digits = lambda rows: ["".join(map(str, row)) for row in rows.tolist()]
    return [digits(labels), digits(scores), float(mean)]


def main():
    wheel = Path(sys.argv[1])
    exact, f1 = squad_functions(wheel)
    rng = random.Random(5)
    golden = {
        "transformers": wheel.name.split("-")[1],
        "sklearn": sklearn.__version__,
        "answers": [answers(rng, exact, f1) for _ in range(200)],
        "tables": [table(np.random.RandomState(i)) for i in range(200)],
    }
    path = Path(__file__).with_name("short_answers.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
