"""Golden data of attention, caches and control rows, from PyTorch and
transformers.

Run `python3 make_golden_attention.py` here; one function an op. The versions
used are written into each file.
"""

import pathlib

import torch
import torch.nn.functional as F
from transformers.models.gptj.modeling_gptj import rotate_every_two
from transformers.models.llama.modeling_llama import rotate_half

from control_rows import FIELDS, ints, row
from golden_file import case, operand, randn, write

MAKERS = []
PAGE = 16


def op(make):
    """Registers a function that makes the cases of the op of its name."""
    MAKERS.append(make)
    return make


@op
def read_control(g):
    rows = ints([row(token=7, position=3, media=2), row(token=11, done=1)])
    return [
        case(field, [rows], rows[:, FIELDS[field]:FIELDS[field] + 1],
             {"field": field}, ["u32"], "u32")
        for field in ("token", "position", "media", "done")
    ]


@op
def positions(g):
    rows = ints([row(position=3), row(position=0), row(position=700)])
    out = rows[:, 1:2] + torch.arange(5)
    return [
        case("three rows", [rows], out, {"length": 5}, ["u32"], "u32"),
        case("from 2", [rows], out + 2, {"length": 5, "first": 2}, ["u32"], "u32"),
    ]


def rope_table(length, dims, theta):
    frequency = theta ** (-torch.arange(0, dims, 2, dtype=torch.float64) / dims)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency
    table = torch.stack([angle.cos(), angle.sin()], -1)
    return table.float().double()


def rope_one(x, at, table, interleaved):
    dims = 2 * table.shape[1]
    chosen = table[at.clamp(max=table.shape[0] - 1)][:, :, None]
    part, rest = x[..., :dims], x[..., dims:]
    if interleaved:
        cos, sin = (chosen[..., i].repeat_interleave(2, -1) for i in (0, 1))
        turned = part * cos + rotate_every_two(part) * sin
    else:
        cos, sin = (torch.cat([chosen[..., i]] * 2, -1) for i in (0, 1))
        turned = part * cos + rotate_half(part) * sin
    return torch.cat([turned, rest], -1)


@op
def rope(g):
    cases = []
    for name, shape, dims, at, interleaved in [
        ("halves", (2, 3, 2, 8), 8, [[0, 1, 2], [9, 10, 40]], False),
        ("a part of the head", (1, 2, 3, 10), 6, [[5, 3]], False),
        ("pairs", (2, 2, 1, 6), 6, [[1, 2], [4, 11]], True),
    ]:
        x, table = randn(g, *shape), rope_table(12, dims, 10000.0)
        out = rope_one(x, ints(at), table, interleaved)
        attrs = {"isInterleaved": True} if interleaved else {}
        cases.append(case(name, [x, ints(at), table], out, attrs,
                          ["f32", "u32", "f32"]))
    return cases


def attend(q, k, v, mask, scale):
    """q [b, l, h, k]; mask [b, l, s] of booleans; rows of none give zeros."""
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    out = F.scaled_dot_product_attention(
        q, k, v, attn_mask=mask[:, None], scale=scale, enable_gqa=True)
    seen = mask.any(-1)[:, None, :, None]
    return torch.where(seen, out, torch.zeros(())).transpose(1, 2)


def attention_case(g, name, b, l, s, h, groups, k, causal=False, masked=False):
    q, key, val = randn(g, b, l, h, k), randn(g, b, s, groups, k), randn(g, b, s, groups, k)
    mask = torch.ones(b, l, s, dtype=torch.bool)
    inputs, dtypes = [q, key, val], ["f32"] * 3
    if masked:
        mask = torch.rand(b, l, s, generator=g) < 0.5
        mask[0, 0] = False
        inputs, dtypes = inputs + [mask.long()], dtypes + ["u32"]
    if causal:
        mask = mask & torch.ones(l, s, dtype=torch.bool).tril(s - l)
    attrs = {"scale": k**-0.5, **({"isCausal": True} if causal else {})}
    return name, inputs, dtypes, mask, attrs


ATTENTION = [
    ("plain", 2, 3, 5, 2, 2, 4),
    ("grouped", 1, 4, 4, 6, 2, 5),
    ("causal", 2, 5, 5, 2, 1, 3, True),
    ("causal behind a past", 1, 2, 5, 2, 2, 4, True),
    ("masked, one row sees nothing", 2, 3, 4, 4, 2, 3, False, True),
    ("masked and causal", 1, 4, 4, 1, 1, 3, True, True),
]


@op
def attention(g):
    cases = []
    for facts in ATTENTION:
        name, inputs, dtypes, mask, attrs = attention_case(g, *facts)
        out = attend(*inputs[:3], mask, attrs["scale"])
        cases.append(case(name, inputs, out, attrs, dtypes))
    return cases


@op
def attention_weights(g):
    cases = []
    for facts in ATTENTION:
        name, inputs, dtypes, mask, attrs = attention_case(g, *facts)
        q, k = inputs[0].transpose(1, 2), inputs[1].transpose(1, 2)
        k = k.repeat_interleave(q.shape[1] // k.shape[1], 1)
        scores = q @ k.transpose(2, 3) * attrs["scale"]
        scores = scores.masked_fill(~mask[:, None], float("-inf"))
        out = scores.softmax(-1).nan_to_num(0.0)
        del inputs[2], dtypes[2]
        cases.append(case(name, inputs, out, attrs, dtypes))
    return cases


@op
def kv_write(g):
    cache, b, l, groups, k = randn(g, 5, 2, 2, 3, PAGE), 3, 4, 2, 3
    keys, values = randn(g, b, l, groups, k), randn(g, b, l, groups, k)
    rows = [row(position=14, count=4), row(position=0, count=2), row(position=30, count=0)]
    table = ints([[3, 0], [4, 9], [1, 2]])
    out = cache.clone()
    for i, r in enumerate(rows):
        for j in range(r[2]):
            at = r[1] + j
            page = table[i, at // PAGE]
            out[page, 0, :, :, at % PAGE] = keys[i, j]
            out[page, 1, :, :, at % PAGE] = values[i, j]
    return [case("scrambled pages, an idle row", [cache, keys, values, ints(rows), table],
                 out, {}, ["f32", "f32", "f32", "u32", "u32"])]


def gather(cache, pages):
    """Keys and values [1, s, g, k] of pages in order."""
    run = cache[pages]  # [p, 2, g, k, slots]
    run = run.permute(1, 0, 4, 2, 3).flatten(1, 2)
    return run[0][None], run[1][None]


@op
def paged_attention(g):
    b, l, h, groups, k = 3, 3, 4, 2, 4
    q, cache = randn(g, b, l, h, k), randn(g, 6, 2, groups, k, PAGE)
    rows = [row(position=15, count=3), row(position=0, count=2), row(position=20, count=0)]
    table = ints([[5, 0, 2], [3, 9, 9], [1, 4, 9]])
    shared, dtypes = [q, cache, ints(rows), table], ["f32", "f32", "u32", "u32"]
    slopes = operand(torch.tensor([0.5, 0.25, 0.125, 2.0]).double())
    far, near = randn(g, b, l, h, 40), randn(g, b, l, h, 5)

    def attended(bias=lambda i, j, distance: 0.0):
        out = torch.zeros_like(q)
        for i, r in enumerate(rows):
            for j in range(r[2]):
                seen = r[1] + j + 1
                keys, values = gather(cache, table[i, :(seen + PAGE - 1) // PAGE])
                keys, values = (x[0, :seen].repeat_interleave(h // groups, 1) for x in (keys, values))
                distance = torch.arange(seen - 1, -1, -1)
                scores = torch.einsum("hk,shk->hs", q[i, j], keys) * 0.5 + bias(i, j, distance)
                out[i, j] = torch.einsum("hs,shk->hk", scores.softmax(-1), values)
        return out

    def by_slope(i, j, distance):
        return -slopes[:, None] * distance

    def by_table(table):
        return lambda i, j, distance: table[i, j][:, distance.clamp(max=table.shape[3] - 1)]

    cases = [case("rows of different length", shared, attended(), {"scale": 0.5}, dtypes)]
    for name, operands, bias, kind in [
        ("slopes", slopes, by_slope, "slopes"),
        ("distances", far, by_table(far), "distances"),
        ("distances beyond the table", near, by_table(near), "distances"),
    ]:
        cases.append(case(name, [*shared, operands], attended(bias), {"scale": 0.5, "bias": kind},
                          [*dtypes, "f32"]))
    return cases


@op
def media_write(g):
    cases = []
    for name, r, page in (("one left out", 4, 4), ("empty slots", 5, 8)):
        t, h, k = 3, 2, 3
        cache, keys, values = randn(g, 3, 2, h, k, page), randn(g, t, r, h, k), randn(g, t, r, h, k)
        slots = [2, 0xFFFFFFFF, 0]
        out = cache.clone()
        for i, slot in enumerate(slots):
            if slot < 3:
                for half, x in enumerate((keys, values)):
                    out[slot, half] = F.pad(x[i].permute(1, 2, 0), (0, page - r))
        cases.append(case(name, [cache, keys, values, ints(slots)], out, {},
                          ["f32", "f32", "f32", "u32"]))
    return cases


@op
def media_attention(g):
    b, l, h, k, page = 2, 4, 2, 4, 8
    q, cache = randn(g, b, l, h, k), randn(g, 4, 2, h, k, page)
    media, table = ints([[0, 1, 1, 2], [2, 0, 3, 3]]), ints([[3, 1, 9], [0, 2, 1]])
    cases = []
    for attend_to, r in (("latest", 8), ("all", 8), ("latest", 7), ("all", 5)):
        out = torch.zeros_like(q)
        for i in range(b):
            for j in range(l):
                o = int(media[i, j])
                if o == 0:
                    continue
                first = o - 1 if attend_to == "latest" else 0
                keys, values = gather(cache[..., :r], table[i, first:o])
                mask = torch.ones(1, 1, keys.shape[1], dtype=torch.bool)
                out[i, j] = attend(q[i:i + 1, j:j + 1], keys, values, mask, 0.5)[0, 0]
        cases.append(case(f"{attend_to}, {r} latents", [q, cache, media, table], out,
                          {"scale": 0.5, "attendTo": attend_to, "latents": r}, ["f32", "f32", "u32", "u32"]))
    return cases


@op
def select_last(g):
    x = randn(g, 3, 4, 5)
    rows = [row(count=4), row(count=0), row(count=1)]
    out = torch.stack([x[0, 3], torch.zeros(5).double(), x[2, 0]])
    return [case("full, idle, one", [x, ints(rows)], out, {}, ["f32", "u32"])]


@op
def embedding(g):
    weight = randn(g, 7, 5)
    ids = ints([[0, 6, 3], [3, 7, 0xFFFFFFFF]])
    padded = torch.cat([weight, torch.zeros(1, 5).double()])
    return [case("with unknown tokens", [weight, ids], F.embedding(ids.clamp(max=7), padded),
                 {}, ["f32", "u32"])]


@op
def embedding_gradient(g):
    weight, ids, grad = randn(g, 6, 3).requires_grad_(), ints([[1, 4], [1, 5]]), randn(g, 2, 2, 3)
    out = torch.autograd.grad(F.embedding(ids, weight), weight, grad)[0]
    return [case("a token twice", [grad, ids], out, {"rows": 6}, ["f32", "u32"])]


def log_likelihood(logits, targets):
    chosen = logits.log_softmax(-1).gather(1, targets.clamp(max=logits.shape[1] - 1)[:, None])[:, 0]
    return torch.where(targets < logits.shape[1], chosen, torch.zeros(()).double())


@op
def log_prob(g):
    logits, targets = randn(g, 4, 9, scale=5.0), ints([0, 8, 3, 0xFFFFFFFF])
    large = operand(torch.tensor([[90.0, -90.0, 89.0], [float("-inf"), 0.0, 1.0]]).double())
    return [
        case("usual", [logits, targets], log_likelihood(logits, targets), {}, ["f32", "u32"]),
        case("large", [large, ints([2, 1])], log_likelihood(large, ints([2, 1])), {}, ["f32", "u32"]),
    ]


@op
def log_prob_gradient(g):
    logits, targets, grad = randn(g, 3, 7, scale=3.0).requires_grad_(), ints([6, 9, 2]), randn(g, 3)
    out = torch.autograd.grad(log_likelihood(logits, targets), logits, grad)[0]
    return [case("one without a target", [grad, logits.detach(), targets], out, {},
                 ["f32", "f32", "u32"])]


if __name__ == "__main__":
    script = pathlib.Path(__file__).name
    for make in MAKERS:
        generator = torch.Generator().manual_seed(sum(map(ord, make.__name__)))
        write(make.__name__, make(generator), script)
