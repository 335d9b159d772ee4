"""Writes the test lists: every query and episode is listed, nothing is drawn later.

    python splits.py

Deterministic; the files in splits/ are what every evaluation reads.
"""

import json
import random

import settings
from concepts import all_concepts, split, trainable
from episodes import GROUP, IS_IT, TEST_WORDS, WHAT, with_article
from pictures import RASTERS, Concept

QUERIES, RANKED, DISTRACTORS, SHOTS = 400, 100, 99, 4
EPISODES, QUESTIONS = 200, 300
# Styles whose pictures lie in an npm package as files a program can decode.
FILED = ("google", "twitter")


def picture(concept: Concept, style: str) -> dict:
    """How a test names a picture; `file` is relative to the package's archive."""
    return {"style": style, "hex": concept.hex, "file": concept.files[style]}


def shots(concept: Concept, n: int, rng: random.Random) -> list[dict]:
    """n other trained concepts in the styles they were trained in."""
    trained = [c for c in split()[0] if c.label != concept.label]
    found = []
    for other in rng.sample(trained, n):
        style = rng.choice([s for s in FILED if trainable(other, s)])
        found.append({**picture(other, style), "label": other.label})
    return found


def in_test_style(concepts: list[Concept]) -> list[Concept]:
    return [c for c in concepts if settings.TEST_STYLE in c.files]


def new_style() -> dict:
    rng = random.Random(1003)
    trained = in_test_style(split()[0])
    queries = []
    for i, c in enumerate(rng.sample(trained, QUERIES)):
        query = {**picture(c, settings.TEST_STYLE), "label": c.label}
        query["shots"] = shots(c, SHOTS, rng)
        if i < RANKED:
            others = sorted({o.label for o in trained} - {c.label})
            query["distractors"] = rng.sample(others, DISTRACTORS)
        queries.append(query)
    order = list(range(1, QUERIES)) + [0]
    return {
        "what": "trained concepts in a style never trained on: 0 shots, 4 shots, rank",
        "seed": 1003,
        "prompt": "<image> {label}\n",
        "shuffled": order,
        "queries": queries,
    }


def made_up() -> dict:
    """Held-out concepts, one example each, words that mean nothing."""
    sets = []
    for ways in (4, 8):
        for style in ("twitter", settings.TEST_STYLE):
            seed = ways * 10 + len(style)
            rng = random.Random(seed)
            pool = [c for c in split()[1] if {"google", style} <= set(c.files)]
            episodes = []
            for _ in range(EPISODES):
                chosen = rng.sample(pool, ways)
                episodes.append(
                    {
                        "supports": [picture(c, "google") for c in chosen],
                        "words": rng.sample(TEST_WORDS, ways),
                        "answer": (answer := rng.randrange(ways)),
                        "query": picture(chosen[answer], style),
                        "labels": [c.label for c in chosen],
                    }
                )
            name = f"{ways}-way google -> {style}"
            sets.append({"name": name, "seed": seed, "episodes": episodes})
    return {
        "what": "concepts held out in every style, one example each, made-up words",
        "prompt": "<image> {word}\n",
        "score": "mean log-likelihood of the word's tokens and the newline",
        "sets": sets,
    }


def ask(c: Concept, kind: str, yes: bool, pool: list[Concept], rng) -> dict:
    entry = {**picture(c, settings.TEST_STYLE), "label": c.label, "kind": kind}
    if kind == "what":
        return {**entry, "question": WHAT, "answer": c.label}
    if kind == "group":
        return {**entry, "question": GROUP, "answer": settings.GROUPS[c.group]}
    near = [o for o in pool if o.group == c.group and o.label != c.label]
    far = [o for o in pool if o.label != c.label]
    other = c if yes else rng.choice(near if rng.random() < 0.5 else far)
    question = IS_IT.format(thing=with_article(other.label))
    return {**entry, "question": question, "answer": "yes" if yes else "no"}


def questions() -> dict:
    rng = random.Random(1007)
    pool = in_test_style(split()[0])
    kinds = [("what", False), ("group", False), ("is_it", True), ("is_it", False)]
    weights = [2, 2, 1, 1]
    order = [k for k, w in zip(kinds, weights) for _ in range(w)]
    chosen = rng.sample(pool, QUESTIONS)
    items = [ask(c, *order[i % len(order)], pool, rng) for i, c in enumerate(chosen)]
    # Shuffled: the question of one picture, asked with the picture n places on.
    return {
        "what": "questions about trained concepts in a style never trained on",
        "seed": 1007,
        "prompt": "<image> Question: {question} Answer: {answer}\n",
        "shuffled": [(i + 7) % QUESTIONS for i in range(QUESTIONS)],
        "questions": items,
    }


def plain(concepts: list[Concept]) -> list[dict]:
    return [{"hex": c.hex, "label": c.label, "group": c.group} for c in concepts]


DEMO = (
    "1f415 1f98a 1f355 1f34e 1f692 1f3b8 26f5 1f382 1f511 1f40c 1f9f2 1f33b 1f681 "
    "1f354 1f427 2708 1f409 1f32e 1f3e0 1f602 1f388 1f52d 1f98b 1f34c 1f6b2 2615 "
    "1f418 1f680"
).split()


HELD_DEMO = "1f98d 1f32f 1f94a 1f37a 1f965 1f9a3".split()


def demo_shots(c: Concept, known: bool, pool: list[Concept], rng) -> list[dict]:
    """Four Google drawings; a held-out concept is named by one of them."""
    others = rng.sample([t for t in pool if t.label != c.label], 4 if known else 3)
    chosen = others if known else [*others, c]
    rng.shuffle(chosen)
    return [{**picture(o, "google"), "label": o.label} for o in chosen]


def demo() -> dict:
    """Twelve pictures never trained on: nine new drawings, three new concepts.

    A new concept cannot be named without a hint, so one of its four shots shows
    it in another style.
    """
    rng, style = random.Random(1009), settings.TEST_STYLE
    trained = {c.hex: c for c in in_test_style(split()[0])}
    held = {c.hex: c for c in in_test_style(split()[1])}
    known = [trained[h] for h in DEMO if h in trained][:9]
    unknown = [held[h] for h in HELD_DEMO if h in held]
    pictures = [
        {
            **picture(c, style),
            "label": c.label,
            "trainedConcept": c.hex in trained,
            "shots": demo_shots(c, c.hex in trained, list(trained.values()), rng),
        }
        for c in [*known, *unknown[:3]]
    ]
    new, other = unknown[3:5]
    return {
        "pictures": pictures,
        "madeUp": {
            "supports": [
                {**picture(new, "google"), "word": "dax"},
                {**picture(other, "google"), "word": "wug"},
            ],
            "query": {**picture(new, style), "word": "dax"},
            "labels": [new.label, other.label],
        },
    }


def write(name: str, value, indent=None) -> None:
    settings.SPLITS.mkdir(exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=(",", ": "))
    if indent is None:
        # One entry a line: small, and a change shows as one line.
        text = text.replace(",{\"style\"", ",\n{\"style\"").replace(
            ",{\"hex\"", ",\n{\"hex\""
        )
        text = text.replace(",{\"supports\"", ",\n{\"supports\"")
    (settings.SPLITS / f"{name}.json").write_text(text + "\n")


def main() -> None:
    trained, held = split()
    write("train", plain(trained))
    write("held_out", plain(held))
    write("new_style", new_style())
    write("made_up", made_up())
    write("questions", questions())
    write("demo", demo(), indent=1)
    packages = {
        style: {
            "package": settings.NPM[folder][0],
            "sha256": settings.NPM[folder][1],
        }
        for style, (folder, _) in RASTERS.items()
    }
    write("packages", packages, indent=1)
    print(len(all_concepts()), "concepts:", len(trained), "trained,", len(held), "held")


if __name__ == "__main__":
    main()
