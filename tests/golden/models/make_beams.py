"""Golden beam searches of transformers' `generate` on the folder llama_tied.

Run `python3 make_beams.py` here after `make_llama.py`.
"""

import json

import torch
from transformers import AutoModelForCausalLM

from golden_language import HERE, VERSIONS

PROMPT = [5, 60, 17, 99, 31, 5, 8]


@torch.no_grad()
def main():
    model = AutoModelForCausalLM.from_pretrained(HERE / "llama_tied", dtype=torch.float32).eval()
    ids = torch.tensor([PROMPT])
    # Tokens that likely beams draw early on, so that some end and others go on.
    seen = model.generate(
        ids, max_new_tokens=8, num_beams=4, num_return_sequences=4, do_sample=False, pad_token_id=0, eos_token_id=None,
    )[:, len(PROMPT):]
    ends = [seen[1, 3].item(), seen[3, 5].item(), seen[0, 1].item()]
    cases = []
    for width in (1, 2, 3, 4, 8):
        for eos in ([], ends[:1], ends):
            for penalty in (0.0, 1.0, -1.5, 2.0):
                for early in (False, True, "never"):
                    if width == 1 and early is not False:
                        continue
                    out = model.generate(
                        ids, max_new_tokens=12, num_beams=max(width, 1), num_return_sequences=width, do_sample=False,
                        length_penalty=penalty, early_stopping=early, eos_token_id=eos or None, pad_token_id=0,
                        output_scores=True, return_dict_in_generate=True,
                    )
                    if width == 1:
                        continue
                    found = []
                    for row, score in zip(out.sequences[:, len(PROMPT):].tolist(), out.sequences_scores.tolist()):
                        end = next((i + 1 for i, t in enumerate(row) if t in eos), len(row))
                        found.append([row[:end], round(score, 5)])
                    cases.append({"beams": width, "stop": eos, "lengthPenalty": penalty, "earlyStopping": early, "found": found})
    print(len(cases), "cases; ends", ends, "lengths", sorted({len(t) for c in cases for t, _ in c["found"]}))
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
    head = json.dumps({"versions": VERSIONS, "prompt": PROMPT, "maxTokens": 12})[:-1]
    (HERE / "beams.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
