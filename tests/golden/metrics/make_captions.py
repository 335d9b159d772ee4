"""Caption metrics of pycocoevalcap 1.2 (Stanford CoreNLP 3.4.1, Java 17) on 200 made captions.

    python make_captions.py          (needs Java)

Writes captions.json: texts, their words, and BLEU-1..4, ROUGE-L and CIDEr-D of each and of all.
"""

import json
import pathlib
import random

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

rng = random.Random(7)
SUBJECTS = ["a man", "two dogs", "A young woman", "The cat", "three children's bikes", "an old couple", "a café owner",
            "Mr. Smith", "a T-shirt vendor", "the dog's owner", "five 3-year-old kids", "a black-and-white cow"]
VERBS = ["is riding", "sits on", "isn't holding", "can't reach", "looks at", "are playing with", "doesn't see",
         "they're eating", "it's next to", "cannot find", "is standing near", "won't leave"]
OBJECTS = ["a red bicycle", "an umbrella", "the fire hydrant", "a pizza", "1,000 balloons", "a 3.5 inch screen", "a sign (\"STOP\")",
           "50% of the cake", "a bus at 3:30 p.m.", "$5 hot dogs", "rock & roll posters", "a 1/2 full glass", "the U.S. flag",
           "a \"no parking\" sign", "an ice cream; it melts", "a window -- open"]
ENDS = ["", ".", "!", "...", " in the park.", " on a sunny day", ", smiling.", " at the beach!!", " outside?", " - a photo", " near St. Mary's church.",
        " in the '90s.", " and/or a truck.", " [blurred]", ": close-up", " with #1 on it", " by 10/11/2012."]


def caption():
    return f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)}{rng.choice(ENDS)}"


def near(text):
    words = text.split(" ")
    for _ in range(rng.randrange(4)):
        i = rng.randrange(len(words))
        if rng.random() < 0.5 and len(words) > 2:
            del words[i]
        else:
            words[i] = rng.choice(["big", "small", "green", "the", "of", "dog", "with"])
    return " ".join(words)


cases = []
for i in range(200):
    references = [caption()]
    references += [near(references[0]) if rng.random() < 0.7 else caption() for _ in range(rng.randrange(3))]
    candidate = near(rng.choice(references)) if i % 20 else caption()
    cases.append({"candidate": candidate, "references": references})
gts = {i: [{"caption": text} for text in case["references"]] for i, case in enumerate(cases)}
res = {i: [{"caption": case["candidate"]}] for i, case in enumerate(cases)}
tokenizer = PTBTokenizer()
gts, res = tokenizer.tokenize(gts), tokenizer.tokenize(res)
bleu, bleu_each = Bleu(4).compute_score(gts, res, verbose=0)
rouge, rouge_each = Rouge().compute_score(gts, res)
cider, cider_each = Cider().compute_score(gts, res)
for i, case in enumerate(cases):
    case["words"] = [res[i][0], *gts[i]]
    case["bleu"] = [each[i] for each in bleu_each]
    case["rougeL"], case["ciderD"] = float(rouge_each[i]), float(cider_each[i])
out = {"cases": cases, "bleu": bleu, "rougeL": float(rouge), "ciderD": float(cider)}
pathlib.Path(__file__).with_name("captions.json").write_text(json.dumps(out, ensure_ascii=False) + "\n")
