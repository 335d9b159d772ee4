"""Golden data of sampling: what the logits processors of transformers leave.

Run `python3 make_golden_sampling.py` here. Frequency and presence penalties,
which transformers lacks, are written out by their formula. The versions used
are written into each file.
"""

import json
import pathlib

import torch
import transformers
from transformers.generation import logits_process as processors

from control_rows import FIELDS, RING, SEEN, bits, block, ints, row
from golden_file import HERE, case, randn, value, write

SCRIPT = pathlib.Path(__file__).name


def penalised(logits, fields, seen=(), banned=(), counts={}, bias={}):
    """Logits after bias, penalties and bans."""
    scores, prompt = logits[None].float(), ints([list(seen)])
    if bias:
        pairs = {(token,): value for token, value in bias.items()}
        scores = processors.SequenceBiasLogitsProcessor(pairs)(prompt, scores)
    if fields.get("penalty", 1.0) != 1.0:
        penalty = processors.RepetitionPenaltyLogitsProcessor(fields["penalty"])
        scores = penalty(prompt, scores)
    for token, count in counts.items():
        scores[0, token] -= fields.get("frequency", 0.0) * count
        scores[0, token] -= fields.get("presence", 0.0) * (count > 0)
    if banned:
        suppress = processors.SuppressTokensLogitsProcessor(list(banned))
        scores = suppress(prompt, scores)
    return scores[0]


def limited(scores, fields):
    """Scores after temperature and limits, in the order of transformers."""
    chain = [processors.TemperatureLogitsWarper(fields["temperature"])]
    if fields.get("topK", 0) > 0:
        chain.append(processors.TopKLogitsWarper(fields["topK"]))
    if fields.get("topP", 1.0) < 1.0:
        chain.append(processors.TopPLogitsWarper(fields["topP"]))
    if fields.get("minP", 0.0) > 0:
        chain.append(processors.MinPLogitsWarper(fields["minP"]))
    scores = scores[None]
    for process in chain:
        scores = process(None, scores)
    return scores[0]


def after(before, v, logits, scores, stops=()):
    """A greedy control row after its step."""
    r = list(before)
    if r[2] == 0 or r[FIELDS["done"]]:
        return r
    r[1] += r[2]
    if logits.isnan().any() or scores.max() == float("-inf"):
        r[FIELDS["error"]] = 1 if logits.isnan().any() else 2
        r[FIELDS["done"]], r[2] = 1, 0
        return r
    token, drawn = int(scores.argmax()), r[FIELDS["drawn"]]
    entry = RING + 2 * (drawn % 64)
    r[entry] = token
    r[entry + 1] = bits(float(logits.log_softmax(-1)[token]))
    r[SEEN + token // 32] |= 1 << (token % 32)
    done = token in stops or drawn + 1 >= r[FIELDS["limit"]]
    r[0], r[5], r[4], r[2] = token, drawn + 1, int(done), int(not done)
    return r


def sample(g):
    """Greedy rows, whole; what draws may choose from is in sample_limits."""
    v = 40
    settings = [
        dict(fields=dict(position=5, count=3, limit=9), seen=[1, 2]),
        dict(fields=dict(position=0, count=1, limit=9, penalty=1.7, drawn=70), seen=list(range(0, 40, 3))),
        dict(fields=dict(position=2, count=1, limit=9), banned=list(range(20))),
        dict(fields=dict(position=2, count=1, drawn=8, limit=9)),
        dict(fields=dict(position=2, count=0, limit=9)),
        dict(fields=dict(position=2, count=1, done=1, limit=9)),
        dict(fields=dict(position=6, count=1, limit=9), edit="nan"),
        dict(fields=dict(position=6, count=1, limit=9), edit="none"),
        dict(fields=dict(position=6, count=1, limit=9), edit="ties"),
        dict(fields=dict(position=6, count=1, limit=9), edit="stop"),
    ]
    rows, results = [], []
    logits = randn(g, len(settings), v, scale=3.0)
    for i, one in enumerate(settings):
        fields, edit = one["fields"], one.get("edit")
        seen, banned = one.get("seen", []), one.get("banned", [])
        if edit == "nan":
            logits[i, 33] = float("nan")
        if edit == "none":
            logits[i] = float("-inf")
        if edit == "ties":
            logits[i, 17] = logits[i, 31] = 50.0
        if edit == "stop":
            logits[i, 39] = 50.0
        stops = [38, 39] if edit == "stop" else []
        rows.append(row(v, stops, seen, banned, **fields))
        scores = penalised(logits[i], fields, seen, banned)
        results.append(after(rows[i], v, logits[i], scores, stops))
    types = ["u32", "f32", "u32"]
    return [
        case("greedy", [ints(rows), logits], ints(results), {}, types[:2], "u32"),
        adjusted(g),
    ]


def adjusted(g):
    """Greedy rows with biases and counts, some of the latter in the ring."""
    v = 70
    settings = [
        # Tokens drawn before, those drawn since, fields, biases, prompt.
        ([], [], dict(), {}, []),
        ([], [], dict(), {0: 2.5, 31: -3.0, 32: 9.0, 69: 30.0}, []),
        ([5, 5, 9], [9, 40, 9], dict(frequency=1.5), {}, []),
        ([5, 69], [64, 5], dict(presence=2.0, frequency=-0.25), {}, []),
        (list(range(0, 70, 2)), [], dict(presence=50.0), {}, []),
        ([3, 3], [60], dict(frequency=0.5, presence=0.5, penalty=1.6), {3: 8.0, 60: -1.0, 8: 4.0}, [1, 8]),
    ]
    rows, results, words = [], [], []
    logits = randn(g, len(settings), v, scale=3.0)
    for i, (old, new, fields, bias, prompt) in enumerate(settings):
        fields = {name: float(x) for name, x in fields.items()}
        told = {token: old.count(token) for token in old}
        place = dict(adjust=len(words) + 1) if told or bias else {}
        drawn = dict(counted=len(old), drawn=len(old) + len(new))
        seen = [*prompt, *old, *new]
        r = row(v, [], seen, [], position=3, count=1, limit=99, **drawn, **place, **fields)
        for n, token in enumerate(new):
            r[RING + 2 * (len(old) + n)] = token
        if place:
            words += block(v, told, bias)
        counts = {token: [*old, *new].count(token) for token in [*old, *new]}
        scores = penalised(logits[i], fields, seen, [], counts, bias)
        rows.append(r)
        results.append(after(r, v, logits[i], scores))
    inputs = [ints(rows), logits, ints(words)]
    return case("adjusted", inputs, ints(results), {}, ["u32", "f32", "u32"], "u32")


def sample_limits(g):
    """Scores that the processors of transformers leave, and the chances."""
    v, cases = 48, []
    for name, fields, more in [
        ("temperature", dict(temperature=0.7), {}),
        ("top-k", dict(temperature=1.3, topK=6), {}),
        ("top-k of one", dict(temperature=1.0, topK=1), {}),
        ("top-k beyond the vocabulary", dict(temperature=1.0, topK=500), dict(banned=[3, 5])),
        ("top-p", dict(temperature=1.0, topP=0.8), {}),
        ("top-p of nearly nothing", dict(temperature=1.0, topP=0.001), {}),
        ("min-p", dict(temperature=1.5, minP=0.2), {}),
        ("penalty and bans", dict(temperature=1.0, penalty=1.9, topK=9),
         dict(seen=[0, 4, 9, 17, 30, 41], banned=[1, 2, 40])),
        ("all", dict(temperature=0.9, topK=20, topP=0.9, minP=0.05, penalty=1.2),
         dict(seen=[7, 8], banned=[11])),
        ("frequency", dict(temperature=1.0, frequency=0.75), dict(counts={0: 1, 12: 3, 33: 2, 47: 1})),
        ("presence", dict(temperature=1.1, presence=1.25), dict(counts={2: 5, 31: 1, 32: 1})),
        ("negative penalties", dict(temperature=1.0, frequency=-0.3, presence=-0.5), dict(counts={6: 2, 40: 1})),
        ("bias", dict(temperature=0.8), dict(bias={0: 3.0, 1: -2.5, 32: 1.5, 47: 4.0})),
        ("everything", dict(temperature=1.2, topK=30, topP=0.95, minP=0.02, penalty=1.3, frequency=0.4, presence=0.6),
         dict(seen=[1, 9, 9, 20, 35], banned=[11, 44], counts={9: 2, 20: 1}, bias={9: 2.0, 11: 5.0, 21: 1.0, 35: -4.0})),
    ]:
        logits = randn(g, v, scale=1.5)
        more = {"seen": [], "banned": [], "counts": {}, "bias": {}, **more}
        more["seen"] = [*more["seen"], *more["counts"]]
        scores = limited(penalised(logits, fields, **more), fields)
        cases.append({
            "name": name,
            "fields": {**fields, "seen": more["seen"], "banned": more["banned"]},
            "counts": list(more["counts"].items()),
            "bias": list(more["bias"].items()),
            "logits": value(logits)["values"],
            "scores": value(scores)["values"],
            "chances": [float(f"{p:.6g}") for p in scores.softmax(-1).tolist()],
        })
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    head = {"madeBy": SCRIPT, "versions": versions}
    text = json.dumps({**head, "cases": cases}, separators=(",", ":"))
    (HERE / "sample_limits.json").write_text(text + "\n")
    print(f"sample_limits.json: {len(cases)} cases, {len(text)} bytes")


def any_active(g):
    """Whether rows are left that are not done and have something to feed."""
    cases = []
    for name, fields in [
        ("one of three", [dict(count=1, done=1), dict(count=4), dict(count=0)]),
        ("none", [dict(count=1, done=1), dict(count=0), dict(count=0, done=1)]),
        ("one row", [dict(count=1)]),
    ]:
        rows = ints([row(**each) for each in fields])
        live = (rows[:, FIELDS["count"]] > 0) & (rows[:, FIELDS["done"]] == 0)
        result = ints([int(live.any())])
        cases.append(case(name, [1 - result, rows], result, {}, ["u32", "u32"], "u32"))
    return cases


def top_tokens(g):
    """Lists of likeliest tokens, by PyTorch's own sort and log-softmax."""
    cases = []
    for name, v, tops in [
        ("usual", 50, [dict(count=1, top=20, drawn=70), dict(count=2, top=4)]),
        ("few tokens", 3, [dict(count=1, top=20), dict(count=1, top=4, done=1)]),
    ]:
        logits = randn(g, len(tops), v, scale=3.0)
        logits[1, 0] = logits[1, v - 1] = logits[1].max() + 1  # equals
        results = torch.zeros(len(tops), 64 * 40, dtype=torch.int64)
        for i, fields in enumerate(tops):
            if fields.get("count", 0) == 0 or fields.get("done"):
                continue
            logprobs, order = logits[i].log_softmax(-1).sort(descending=True, stable=True)
            entry = 40 * (fields.get("drawn", 0) % 64)
            for n in range(fields.get("top", 0)):
                known = n < v
                results[i, entry + 2 * n] = int(order[n]) if known else 0xFFFFFFFF
                results[i, entry + 2 * n + 1] = bits(float(logprobs[n]) if known else float("-inf"))
        rows = ints([row(v, **fields) for fields in tops])
        inputs = [torch.zeros_like(results), rows, logits]
        cases.append(case(name, inputs, results, {}, ["u32", "u32", "f32"], "u32"))
    return cases


if __name__ == "__main__":
    for make in (sample, any_active, top_tokens):
        generator = torch.Generator().manual_seed(sum(map(ord, make.__name__)))
        write(make.__name__, make(generator), SCRIPT)
    sample_limits(torch.Generator().manual_seed(5))
