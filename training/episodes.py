"""Training sequences: pictures and text interleaved.

Every sequence is <start>, then chunks "<image> text <end of chunk>". Five kinds:
single (one picture, its label), row (unrelated pictures and labels), match
(supports, then queries showing a support's concept in another style), made_up (the
same with names that only the pictures explain) and questions.
"""

import random
import re
from dataclasses import dataclass, field

import torch

import settings
from concepts import split, trainable
from features import Features, cross
from language_model import token_ids
from pictures import Concept

PICTURES = 144  # a step, by kind: about the same work for each
CROSSED = 0.5  # share of pictures crossed with another drawing of their concept
TEST_WORDS = (
    "dax blick wug toma fep zorp gazzer kiv modi pim nalo tulver quib rask lurn spoff"
).split()
ONSETS = (
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr r s sh sk sl sm "
    "sn sp st sw t th tr tw v vl w y z"
).split()
VOWELS = "a e i o u oo ee ai ou".split()
CODAS = (
    "b ck d f g k l ll m mp n nd ng nk nt p r rb rd rk rm rn s sh sk sp ss st t th x z"
).split()

QUESTION = " Question: {question} Answer:"
ANSWER = " {answer}"
WHAT, GROUP, IS_IT = "what is it?", "which group?", "is it {thing}?"


def caption_ids(text: str) -> list[int]:
    return [*token_ids(" " + text), settings.END_OF_CHUNK]


def with_article(label: str) -> str:
    """"a dog face", "an apple"; none before plurals and names of several."""
    plural = re.search(r"[^siu]s$", label.split(" with ")[0])
    if plural or re.match(r"(men|women|people|person)\b", label) and " " in label:
        return label
    return ("an " if label[0] in "aeiou" else "a ") + label


def question_ids(question: str, answer: str) -> tuple[list[int], list[int]]:
    """Tokens of the question part and of the answer with its end."""
    asked = list(token_ids(QUESTION.format(question=question)))
    return asked, caption_ids(answer)


def made_up_word(rng: random.Random) -> str:
    while True:
        word = rng.choice(ONSETS) + rng.choice(VOWELS)
        word += rng.choice(CODAS) if rng.random() < 0.7 else ""
        if rng.random() < 0.5:
            word += rng.choice(ONSETS) + rng.choice("aeiou")
            word += rng.choice(CODAS) if rng.random() < 0.5 else ""
        if 2 < len(word) < 9 and word not in TEST_WORDS:
            return word


@dataclass
class Chunk:
    """One picture and its text; the loss covers `answer` if `taught`."""

    concept: Concept
    style: str
    answer: list[int]
    asked: list[int] = field(default_factory=list)
    taught: bool = True


@dataclass
class Batch:
    """ids, loss mask [b, l]; features [b*m, 25, 1664]; the concepts pictured."""

    kind: str
    ids: torch.Tensor
    taught: torch.Tensor
    features: torch.Tensor
    media: int
    concepts: list[str]


class Episodes:
    """Makes batches of the five kinds from the trained concepts."""

    def __init__(self, features: Features):
        self.features = features
        self.concepts = split()[0]
        self.styles = {
            c.hex: [s for s in settings.TRAINED_STYLES if trainable(c, s)]
            for c in self.concepts
        }
        self.captions = {c.hex: caption_ids(c.label) for c in self.concepts}
        self.by_group: dict[int, list[Concept]] = {}
        for c in self.concepts:
            self.by_group.setdefault(c.group, []).append(c)
        labels = [c.label for c in self.concepts]
        self.words = sorted({w for t in labels for w in re.findall("[a-z]{3,}", t)})

    def shown(self, c: Concept, style: str, answer, taught=True) -> Chunk:
        return Chunk(c, style, answer, taught=taught)

    def captioned(self, c: Concept, rng) -> Chunk:
        style = rng.choice(self.styles[c.hex])
        return self.shown(c, style, self.captions[c.hex])

    def names(self, n: int, rng) -> list[str]:
        """Made-up words, words of other labels, or labels of other concepts."""
        kind = rng.random()
        if kind < 0.2:
            return rng.sample(self.words, n)
        if kind < 0.4:
            return [c.label for c in rng.sample(self.concepts, n)]
        found: list[str] = []
        while len(found) < n:
            word = made_up_word(rng)
            found += [word] if word not in found else []
        return found

    def matching(self, made_up: bool, supports: int, queries: int, rng) -> list[Chunk]:
        """Supports in one style each, then queries of the same in another style."""
        pool = self.concepts
        if rng.random() < 0.5:
            pool = rng.choice([g for g in self.by_group.values() if len(g) > 20])
        chosen = rng.sample(pool, supports)
        names = [self.captions[c.hex] for c in chosen]
        if made_up:
            names = [caption_ids(w) for w in self.names(supports, rng)]
        two = rng.sample(["google", "twitter", "openmoji"], 2)
        chunks, first_styles = [], []
        for c, name in zip(chosen, names):
            own = self.styles[c.hex]
            fixed = rng.random() < 0.4 and two[0] in own
            first_styles.append(two[0] if fixed else rng.choice(own))
            chunks.append(self.shown(c, first_styles[-1], name, not made_up))
        for _ in range(queries):
            i = rng.randrange(supports)
            other = [s for s in self.styles[chosen[i].hex] if s != first_styles[i]]
            chunks.append(self.shown(chosen[i], rng.choice(other), names[i]))
        return chunks

    def questioned(self, c: Concept, rng) -> Chunk:
        kind, style = rng.random(), rng.choice(self.styles[c.hex])
        if kind < 0.3:
            asked, answer = question_ids(WHAT, c.label)
        elif kind < 0.6:
            asked, answer = question_ids(GROUP, settings.GROUPS[c.group])
        else:
            other = c
            yes = rng.random() < 0.5
            pool = self.by_group[c.group] if rng.random() < 0.5 else self.concepts
            while not yes and other.label == c.label:
                other = rng.choice(pool)
            thing = with_article(other.label)
            asked, answer = question_ids(
                IS_IT.format(thing=thing), "yes" if yes else "no"
            )
        return Chunk(c, style, answer, asked)

    def batch(self, kind: str, rng: random.Random) -> Batch:
        if kind == "single":
            # Neighbours in caption length, so that little is padding.
            drawn = rng.sample(self.concepts, 2 * PICTURES)
            drawn.sort(key=lambda c: len(self.captions[c.hex]))
            start = rng.randrange(PICTURES + 1)
            chosen = drawn[start : start + PICTURES]
            rows = [[self.captioned(c, rng)] for c in chosen]
        elif kind == "row":
            n = rng.choice((3, 5, 5, 6))
            rows = [
                [self.captioned(c, rng) for c in rng.sample(self.concepts, n)]
                for _ in range(PICTURES // n)
            ]
        elif kind == "questions":
            n = rng.choice((1, 1, 2, 4))
            rows = [
                [self.questioned(c, rng) for c in rng.sample(self.concepts, n)]
                for _ in range(72 // n)
            ]
        else:
            supports, queries = rng.choice(
                ((2, 3), (3, 3), (4, 3), (4, 3), (5, 3), (8, 3))
            )
            count = PICTURES // (supports + queries)
            made_up = kind == "made_up"
            rows = [
                self.matching(made_up, supports, queries, rng) for _ in range(count)
            ]
        return self.collate(kind, rows, rng)

    def collate(self, kind: str, rows: list[list[Chunk]], rng) -> Batch:
        sequences = []
        for row in rows:
            ids, taught = [settings.START], [False]
            for chunk in row:
                ids += [settings.IMAGE, *chunk.asked, *chunk.answer]
                taught += [False] * (1 + len(chunk.asked))
                taught += [chunk.taught] * len(chunk.answer)
            sequences.append((ids, taught))
        length = max(len(ids) for ids, _ in sequences)
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        mask = torch.zeros(len(rows), length, dtype=torch.bool)
        for b, (row_ids, taught) in enumerate(sequences):
            ids[b, : len(row_ids)] = torch.tensor(row_ids)
            mask[b, : len(taught)] = torch.tensor(taught)
        chunks = [chunk for row in rows for chunk in row]
        features = self.pictures(chunks, rng)
        return Batch(
            kind, ids, mask, features, len(rows[0]), [c.concept.hex for c in chunks]
        )

    def pictures(self, chunks: list[Chunk], rng) -> torch.Tensor:
        """Features of random variants, half of them crossed with another drawing."""
        find = self.features.any_row
        rows = [find(c.concept, c.style, rng) for c in chunks]
        z = self.features.read(rows)
        crossed = [i for i in range(len(chunks)) if rng.random() < CROSSED]
        others = [
            find(
                chunks[i].concept, rng.choice(self.styles[chunks[i].concept.hex]), rng
            )
            for i in crossed
        ]
        z[crossed] = cross(z[crossed], self.features.read(others))
        return z
