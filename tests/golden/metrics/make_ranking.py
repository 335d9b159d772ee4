"""ROC AUC and average precision of 200 made rankings, many with equal scores.

    python make_ranking.py          (versions are in the file it writes)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score


def case(rng):
    count = rng.randint(2, 25)
    labels = rng.randint(0, 2, count)
    labels[:2] = 0, 1
    scores = (rng.randn(count) + labels * rng.rand() * 2).round(rng.randint(0, 3))
    return {
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "auc": float(roc_auc_score(labels, scores)),
        "ap": float(average_precision_score(labels, scores)),
    }


def main():
    rng = np.random.RandomState(11)
    golden = {
        "numpy": np.__version__,
        "sklearn": sklearn.__version__,
        "cases": [case(rng) for _ in range(200)],
    }
    path = Path(__file__).with_name("ranking.json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
