"""VQA accuracy by the official rules as open_flamingo 2.0.1 has them, and NDCG by scikit-learn, 200 cases each.

    python make_answers.py          (versions are in the file it writes)
"""

import importlib.util
import json
import random
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import ndcg_score

ROOT = importlib.util.find_spec("open_flamingo").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("vqa_metric", f"{ROOT}/eval/vqa_metric.py")
vqa_metric = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vqa_metric)

WORDS = ["red", "two", "The dog", "a cat", "none", "1,000", "3.5", "U.S.A.", "yes", "no!", "ten people", "t-shirt", "left/right",
         "what's that?", "(brown)", "an umbrella", "hot dogs", "end.", "3 o'clock", "\"stop\"", "Ice-Cream, please", "rock & roll",
         "a, b", "half ; half", "@home", "100 %", "constructor", "... well"]


def answers(rng, evaluation):
    right = rng.choice(WORDS) if rng.random() < 0.5 else rng.choice(sorted(evaluation.contractions)) + " " + rng.choice(WORDS)
    people = [right if rng.random() < 0.4 else rng.choice([right.upper(), right + ".", " " + right + "\n", rng.choice(WORDS)])
              for _ in range(10)]
    return (right if rng.random() < 0.7 else rng.choice(people)), people


def main():
    rng, numbers = random.Random(3), np.random.RandomState(5)
    cases = []
    for i in range(200):
        answer, people = answers(rng, vqa_metric.VQAEval(None, None))
        truth, guess = vqa_metric.VQA(), vqa_metric.VQA()
        truth.qa = {i: {"question_type": "", "answers": [{"answer": text, "answer_id": j} for j, text in enumerate(people)]}}
        guess.qa = {i: {"answer": answer}}
        guess.dataset = {"annotations": []}
        evaluation = vqa_metric.VQAEval(truth, None)
        evaluation.vqaRes, evaluation.n = guess, 12
        evaluation.evaluate([i])
        plain = evaluation.processDigitArticle(evaluation.processPunctuation(answer.replace("\n", " ").replace("\t", " ").strip()))
        cases.append({"answer": answer, "people": people, "plain": plain, "accuracy": evaluation.evalQA[i] / 100})
    ranked = []
    for _ in range(200):
        count = numbers.randint(2, 12)
        scores = numbers.permutation(count).astype(float)
        relevance = (numbers.rand(count) * 5).astype(int) / 5
        relevance[0] = 1
        value = ndcg_score([relevance], [scores], k=int((relevance > 0).sum()))
        ranked.append({"scores": scores.tolist(), "relevance": relevance.tolist(), "ndcg": float(value)})
    golden = {"open_flamingo": version("open-flamingo"), "sklearn": version("scikit-learn"), "answers": cases, "ranked": ranked}
    Path(__file__).with_name("answers.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
