"""Heads that scikit-learn trains, for tests/models/logistic_regression_test.ts.

Made with scikit-learn 1.9.1, numpy 2.4.6; run from this folder.
"""

import json

import numpy
from sklearn.linear_model import LogisticRegression

random = numpy.random.RandomState(7)


def case(rows, width, classes, strength):
    centres = random.randn(classes, width)
    labels = numpy.arange(rows) % classes
    vectors = centres[labels] + 1.5 * random.randn(rows, width)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors.astype(numpy.float32).round(4)
    # Two classes are one vector there, held half as small as two.
    own = 2 * strength if classes == 2 else strength
    head = LogisticRegression(C=own, tol=1e-12, max_iter=100000)
    head.fit(vectors.astype(float), labels)
    tests = (vectors[:5].astype(float) + 0.1).round(4)
    return {
        "strength": strength,
        "vectors": [[float(f"{x:.4f}") for x in row] for row in vectors],
        "labels": labels.tolist(),
        "tests": tests.tolist(),
        "chances": head.predict_proba(tests).tolist(),
    }


cases = [
    case(30, 6, 3, 1.0),
    case(24, 12, 4, 100.0),
    case(20, 5, 2, 10.0),
    case(12, 20, 3, 1000.0),
]
with open("logistic_regression.json", "w") as file:
    json.dump(cases, file)
