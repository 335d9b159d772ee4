"""Golden texts of samplers: what `generate` of transformers writes with its
processors, and a plain loop with OpenAI's frequency and presence penalties,
on the folder llama_tied.

Run `python3 make_sampling.py` here after `make_llama.py`. For every token the
log-softmax of the raw logits is kept, and PyTorch's topk of it.
"""

import json

import torch
from transformers import AutoModelForCausalLM

from golden_language import HERE, VERSIONS

LENGTH, TOP = 24, 20
PROMPT = [5, 60, 17, 99, 31, 5, 8]


def generated(model, ids, **settings):
    """Greedy text by transformers, and the raw logits of its tokens."""
    out = model.generate(
        ids, max_new_tokens=LENGTH, min_new_tokens=LENGTH, do_sample=False, pad_token_id=0, eos_token_id=None,
        output_logits=True, output_scores=True, return_dict_in_generate=True, **settings,
    )
    return out.sequences[0, ids.shape[1]:], torch.cat(out.logits), torch.cat(out.scores)


def penalised(model, ids, frequency, presence, bias={}):
    """Greedy text where logits gain a bias and lose frequency · count + presence · (count > 0)."""
    tokens, raw, processed = [], [], []
    for _ in range(LENGTH):
        logits = model(torch.cat([ids, torch.tensor([tokens], dtype=torch.long)], 1)).logits[0, -1]
        scores = logits.clone()
        for token, value in bias.items():
            scores[token] += value
        for token in set(tokens):
            scores[token] -= frequency * tokens.count(token) + presence
        tokens.append(int(scores.argmax()))
        raw.append(logits)
        processed.append(scores)
    return torch.tensor(tokens), torch.stack(raw), torch.stack(processed)


def case(name, settings, result):
    tokens, raw, processed = result
    best = processed.topk(2).values
    print(f"{name}: {tokens.tolist()}, least margin {(best[:, 0] - best[:, 1]).min():.4f}")
    logprobs = raw.log_softmax(-1)
    top = logprobs.topk(TOP)
    short = lambda values: [round(x, 6) for x in values]
    own = logprobs.gather(1, tokens[:, None])[:, 0]
    return {
        "name": name, "settings": settings, "tokens": tokens.tolist(), "logprobs": short(own.tolist()),
        "top": [[i.tolist(), short(v.tolist())] for i, v in list(zip(top.indices, top.values))[:6]],
    }


@torch.no_grad()
def main():
    model = AutoModelForCausalLM.from_pretrained(HERE / "llama_tied", dtype=torch.float32).eval()
    ids = torch.tensor([PROMPT])
    plain = generated(model, ids)[0].tolist()
    bias = {plain[1]: -8.0, plain[3]: 2.5, 40: 3.0, 128: 2.0}
    banned = sorted({plain[0], plain[2], plain[4]})
    often = {128: 14.0, 40: 12.0}
    by_token = {(token,): value for token, value in bias.items()}
    words = [[token] for token in banned]
    cases = [
        case("greedy", {}, generated(model, ids)),
        case("repetition penalty", {"repetitionPenalty": 1.4}, generated(model, ids, repetition_penalty=1.4)),
        case("bias", {"logitBias": bias}, generated(model, ids, sequence_bias=by_token)),
        case("banned", {"banned": banned}, generated(model, ids, bad_words_ids=words)),
        case(
            "all of these", {"repetitionPenalty": 1.2, "logitBias": bias, "banned": banned},
            generated(model, ids, repetition_penalty=1.2, sequence_bias=by_token, bad_words_ids=words),
        ),
        case("frequency", {"frequencyPenalty": 0.8}, penalised(model, ids, 0.8, 0.0)),
        case("presence", {"presencePenalty": 1.5}, penalised(model, ids, 0.0, 1.5)),
        case(
            "frequency, presence and bias", {"frequencyPenalty": 1.5, "presencePenalty": 1.0, "logitBias": often},
            penalised(model, ids, 1.5, 1.0, often),
        ),
    ]
    lines = ",\n".join(json.dumps(one) for one in cases)
    head = json.dumps({"versions": VERSIONS, "prompt": PROMPT})[:-1]
    (HERE / "sampling.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
