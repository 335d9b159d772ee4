"""The table of the card, in PyTorch, from the lists in splits/.

    python evaluate.py [--bridge FILE] [--rows new_style,made_up,questions]
    python evaluate.py --validation     (what checkpoints are chosen on)

Each figure comes with a 95 % bootstrap interval and beside its baselines. The
runtime's own evaluation reads the same lists; its figures are the published ones.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import settings
from concepts import VALIDATION_STYLE, all_concepts, split, trainable, validation
from episodes import caption_ids, question_ids
from features import Features
from language_model import LanguageModel
from session import Session, load_bridge

BATCH = 64


def interval(hits: list[float]) -> str:
    """Mean in percent with its 95 % bootstrap interval."""
    values = np.asarray(hits, float) * 100
    draws = np.random.RandomState(0).randint(0, len(values), (1000, len(values)))
    low, high = np.percentile(values[draws].mean(1), [2.5, 97.5])
    return f"{values.mean():.1f} [{low:.1f}, {high:.1f}] n={len(values)}"


def token_f1(guess: str, truth: str) -> float:
    a, b = guess.lower().split(), truth.lower().split()
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else 0.0


class Evaluation:
    """Answers prompts; a prompt is (ids, [(hex, style), ...])."""

    def __init__(self, session: Session):
        self.session, self.features = session, Features()
        self.concept = {c.hex: c for c in all_concepts()}
        self.results: dict[str, str] = {}

    def put(self, name: str, hits) -> None:
        self.results[name] = interval(list(hits))
        print(f"{name}: {self.results[name]}", flush=True)

    def prefix(self, prompts):
        pictures = [p for _, row in prompts for p in row]
        rows = [self.features.row(self.concept[h], s) for h, s in pictures]
        latents = self.session.latents(self.features.read(rows))
        ids = torch.tensor([ids for ids, _ in prompts])
        return self.session.prefix(ids, latents.unflatten(0, (len(prompts), -1)))

    def batches(self, prompts, size: int):
        """Numbers of prompts with equal lengths, at most `size` together."""
        by_length = defaultdict(list)
        for n, (ids, pictures) in enumerate(prompts):
            by_length[len(ids), len(pictures)].append(n)
        for numbers in by_length.values():
            for start in range(0, len(numbers), size):
                yield numbers[start : start + size]

    def greedy(self, prompts) -> list[str]:
        out = [""] * len(prompts)
        for numbers in self.batches(prompts, BATCH):
            texts = self.session.greedy(self.prefix([prompts[n] for n in numbers]))
            for n, text in zip(numbers, texts):
                out[n] = text
        return out

    def score(self, prompts, candidates) -> list[list[float]]:
        out: list[list[float]] = [[]] * len(prompts)
        size = max(1, 200 // len(candidates[0]))
        for numbers in self.batches(prompts, size):
            prefix = self.prefix([prompts[n] for n in numbers])
            scores = self.session.score(prefix, [candidates[n] for n in numbers])
            for n, row in zip(numbers, scores):
                out[n] = row
        return out

    def nearest(self, queries: list[dict]) -> list[str]:
        """Label of the nearest trained picture: pooled features, centred by style."""

        def pooled(concepts, style):
            rows = [self.features.row(c, style) for c in concepts]
            parts = [
                self.features.read(rows[i : i + 256]).mean(1)
                for i in range(0, len(rows), 256)
            ]
            return torch.cat(parts)

        gallery, labels = [], []
        for style in settings.TRAINED_STYLES:
            known = [c for c in split()[0] if trainable(c, style)]
            p = pooled(known, style)
            gallery.append(F.normalize(p - p.mean(0), dim=1))
            labels += [c.label for c in known]
        asked = pooled([self.concept[q["hex"]] for q in queries], queries[0]["style"])
        asked = F.normalize(asked - asked.mean(0), dim=1)
        return [labels[i] for i in (asked @ torch.cat(gallery).T).argmax(1)]


def shown(query: dict) -> tuple[str, str]:
    return query["hex"], query["style"]


def few_shot(query: dict) -> tuple[list[int], list[tuple[str, str]]]:
    ids = [settings.START]
    for shot in query["shots"]:
        ids += [settings.IMAGE, *caption_ids(shot["label"])]
    return [*ids, settings.IMAGE], [*map(shown, query["shots"]), shown(query)]


def new_style(e: Evaluation) -> None:
    data = json.loads((settings.SPLITS / "new_style.json").read_text())
    queries = data["queries"]
    labels = [q["label"] for q in queries]
    zero = [([settings.START, settings.IMAGE], [shown(q)]) for q in queries]
    shuffled = [zero[i] for i in data["shuffled"]]

    def captions(name, guesses):
        e.put(f"{name}, exact", (g == t for g, t in zip(guesses, labels)))
        e.put(f"{name}, token F1", (token_f1(g, t) for g, t in zip(guesses, labels)))

    captions("new style, 0 shots", e.greedy(zero))
    captions("new style, 4 shots", e.greedy([few_shot(q) for q in queries]))
    captions("new style, shuffled", e.greedy(shuffled))
    captions("new style, nearest neighbour", e.nearest(queries))
    common = Counter(c.label for c in split()[0]).most_common(1)[0][0]
    captions("new style, most frequent label", [common] * len(labels))
    ranked = [q for q in queries if "distractors" in q]
    choices = [
        [caption_ids(t) for t in (q["label"], *q["distractors"])] for q in ranked
    ]
    for name, prompts in (("", zero), (" shuffled", shuffled)):
        scores = e.score(prompts[: len(ranked)], choices)
        e.put(f"new style, first of 100{name}", (max(s) == s[0] for s in scores))
        e.put(
            f"new style, top 5 of 100{name}",
            (sum(v > s[0] for v in s) < 5 for s in scores),
        )


def episode_prompt(episode: dict):
    ids = [settings.START]
    for word in episode["words"]:
        ids += [settings.IMAGE, *caption_ids(word)]
    pictures = [*map(shown, episode["supports"]), shown(episode["query"])]
    return [*ids, settings.IMAGE], pictures


def made_up(e: Evaluation) -> None:
    data = json.loads((settings.SPLITS / "made_up.json").read_text())
    for s in data["sets"]:
        episodes = s["episodes"]
        choices = [[caption_ids(w) for w in x["words"]] for x in episodes]
        scores = e.score([episode_prompt(x) for x in episodes], choices)
        e.put(
            f"made-up words, {s['name']}",
            (int(np.argmax(v)) == x["answer"] for v, x in zip(scores, episodes)),
        )


def questions(e: Evaluation) -> None:
    data = json.loads((settings.SPLITS / "questions.json").read_text())
    items = data["questions"]

    def prompt(item, picture):
        asked, _ = question_ids(item["question"], item["answer"])
        return [settings.START, settings.IMAGE, *asked], [shown(picture)]

    def put(name, guesses):
        hits = [g == x["answer"] for g, x in zip(guesses, items)]
        e.put(f"questions, {name}", hits)
        for kind in ("what", "group", "is_it"):
            part = [h for h, x in zip(hits, items) if x["kind"] == kind]
            e.put(f"questions, {name}, {kind}", part)

    put("all", e.greedy([prompt(x, x) for x in items]))
    other = [items[i] for i in data["shuffled"]]
    put("shuffled", e.greedy([prompt(x, y) for x, y in zip(items, other)]))
    kinds = {x["kind"] for x in items}
    usual = {
        k: Counter(x["answer"] for x in items if x["kind"] == k).most_common(1)[0][0]
        for k in kinds
    }
    put("most frequent answer", [usual[x["kind"]] for x in items])


def validate(e: Evaluation) -> None:
    """Trained concepts in a style kept out of training for them."""
    concepts = validation()
    prompts = [
        ([settings.START, settings.IMAGE], [(c.hex, VALIDATION_STYLE)])
        for c in concepts
    ]
    guesses = e.greedy(prompts)
    e.put("validation, exact", (g == c.label for g, c in zip(guesses, concepts)))
    f1 = (token_f1(g, c.label) for g, c in zip(guesses, concepts))
    e.put("validation, token F1", f1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = settings.PRESETS / "bridge.safetensors"
    parser.add_argument("--bridge", type=Path, default=default)
    parser.add_argument("--rows", default="new_style,made_up,questions")
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--bf16", action="store_true", help="faster, rounded")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    dtype = torch.bfloat16 if args.bf16 else torch.float32
    started = time.time()
    e = Evaluation(Session(LanguageModel(dtype), load_bridge(args.bridge)))
    if args.validation:
        validate(e)
    else:
        known = {"new_style": new_style, "made_up": made_up, "questions": questions}
        for name in args.rows.split(","):
            known[name](e)
    print(f"{time.time() - started:.0f} s")
    if args.out:
        args.out.write_text(json.dumps(e.results, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
