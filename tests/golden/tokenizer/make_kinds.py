"""Small tokenizers of many kinds, and what Python makes of strings with them.

    python3 make_kinds.py

Made with Python 3.11, transformers 5.23.0, tokenizers 0.23.3, sentencepiece
0.2.3, gguf 0.19.0. Vocabularies are trained on the strings of
make_tokenizer.py, not always to the same pieces. Writes into `kinds/`:

- NAME/: Hugging Face folders, with tokenizer.json or with what came before it;
- spm/tokenizer.model and spm.gguf: one sentencepiece vocabulary in both;
- kinds.json: strings, ids with special tokens as plain text ("plain") and
  parsed ("special", where they differ), and texts of the plain ids where they
  are not the strings ("decoded").
"""

import json
import random
import shutil
from io import BytesIO
from pathlib import Path

import gguf
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer, GPT2Tokenizer

from make_tokenizer import CODE, EDGES, PIECES, SPACES, SPECIAL, strings

HERE = Path(__file__).parent / "kinds"
OWN = ["<s>a</s>", "<image>A cat.<image> A dog", " <image> ", "a<unk>b", "<s>", "x </s> y", "<|startoftext|>A Cat<|endoftext|>",
       "  <|endoftext|>  b", "a <pad>  b", "<mask> word<mask>s a <mask>", "ΑΣΣ ΟΔΟΣ", "İI", "e\u0301e\u0301 ﬁ", "        x\n    y",
       "▁a ▁", "<0x0A>", "a\u00a0\u00a0b", "[CLS] The QUICK [SEP] unwanted", "don't DON'T I'LL", "12345 1,234"]
STRINGS = list(dict.fromkeys(EDGES + CODE[:6] + SPECIAL + OWN + PIECES[::3] + strings()[-70:]))


def corpus() -> list[str]:
    random.seed(3)
    texts = ["".join(random.choice(PIECES[:60]) + random.choice(SPACES[:6]) for _ in range(9)) for _ in range(400)]
    return texts + CODE * 4


def special(*contents: str, **more) -> list[AddedToken]:
    return [AddedToken(c, special=True, normalized=False, **more) for c in contents]


def trained(size: int = 420, **more) -> tuple[dict, list]:
    """Vocabulary and merges of byte-level BPE."""
    made = Tokenizer(models.BPE(**more))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, **more))
    model = json.loads(made.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def gpt_neox() -> Tokenizer:
    vocab, merges = trained()
    made = Tokenizer(models.BPE(vocab, merges))
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(special("<|endoftext|>", "<|padding|>"))
    made.add_tokens([AddedToken(" " * n, normalized=True) for n in (8, 4, 3, 2)])
    return made


def llama3() -> Tokenizer:
    vocab, merges = trained()
    made = Tokenizer(models.BPE(vocab, merges[:80], ignore_merges=True))
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(special("<|endoftext|>"))
    return made


def roberta() -> Tokenizer:
    vocab, merges = trained()
    made = Tokenizer(models.BPE(vocab, merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(special("<s>", "</s>") + special("<mask>", lstrip=True, rstrip=True))
    made.add_tokens([AddedToken("word", single_word=True)])
    return made


def word_piece() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.train_from_iterator(corpus(), trainers.WordPieceTrainer(
        vocab_size=420, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False))
    return made


def unigram() -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.train_from_iterator(corpus(), trainers.UnigramTrainer(
        vocab_size=420, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    return made


def sentence_piece() -> sentencepiece.SentencePieceProcessor:
    made = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=made, model_type="bpe", vocab_size=600, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["<image>"],
        character_coverage=0.98, allow_whitespace_only_pieces=True, num_threads=1, minloglevel=2)
    folder = HERE / "spm"
    folder.mkdir(parents=True)
    (folder / "tokenizer.model").write_bytes(made.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=made.getvalue())


def kind(sp, i: int) -> int:
    tests = [(2, sp.is_unknown), (3, sp.is_control), (5, sp.is_unused), (6, sp.is_byte)]
    return next((n for n, test in tests if test(i)), 4 if sp.id_to_piece(i) == "<image>" else 1)


def spm_gguf(sp) -> None:
    writer = gguf.GGUFWriter(HERE / "spm.gguf", "llama")
    ids = range(sp.get_piece_size())
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([sp.id_to_piece(i) for i in ids])
    writer.add_token_scores([sp.get_score(i) for i in ids])
    writer.add_token_types([kind(sp, i) for i in ids])
    writer.add_bos_token_id(sp.bos_id())
    writer.add_eos_token_id(sp.eos_id())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama(sp, is_legacy: bool) -> Tokenizer:
    """As transformers converts the sentencepiece model of LLaMA."""
    pieces = [sp.id_to_piece(i) for i in range(sp.get_piece_size())]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    merges = []
    for i, piece in enumerate(pieces):
        if kind(sp, i) == 1:
            merges += [(piece[:n], piece[n:], i) for n in range(1, len(piece)) if piece[:n] in vocab and piece[n:] in vocab]
    merges.sort(key=lambda m: (-sp.get_score(m[2]), len(m[0]), len(m[1])))
    made = Tokenizer(models.BPE(vocab, [m[:2] for m in merges], fuse_unk=True, byte_fallback=True, unk_token="<unk>"))
    if is_legacy:
        made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    made.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    made.add_special_tokens(special("<unk>", "<s>", "</s>", "<image>"))
    return made


def vocab_files(name: str, vocab: dict, merges: list, tokens: dict, added: dict, **config) -> Path:
    folder = HERE / name
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    if tokens:
        (folder / "special_tokens_map.json").write_text(json.dumps(tokens))
    if added:
        (folder / "added_tokens.json").write_text(json.dumps(added))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def opt() -> Tokenizer:
    vocab, merges = trained()
    shifted = {"<s>": 0, "<pad>": 1, "</s>": 2} | {token: i + 3 for token, i in vocab.items()}
    end = {"content": "</s>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": True}
    tokens = {"bos_token": end, "eos_token": end, "unk_token": end, "pad_token": "<pad>"}
    folder = vocab_files("opt", shifted, merges, tokens, {"<image>": len(shifted)},
                         tokenizer_class="GPT2Tokenizer", add_prefix_space=False)
    made = GPT2Tokenizer.from_pretrained(folder).backend_tokenizer
    # transformers 5 passes over added_tokens.json.
    if made.token_to_id("<image>") is None:
        made.add_tokens([AddedToken("<image>", normalized=True)])
    assert made.token_to_id("<image>") == len(shifted)
    return made


def clip() -> tuple[Tokenizer, Tokenizer]:
    made = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=700, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False))
    model = json.loads(made.to_str())["model"]
    merges = [tuple(m) for m in model["merges"]]
    # As published: bytes, bytes that end a word, merges, the two marks.
    tokens = sorted(alphabet) + [c + "</w>" for c in sorted(alphabet)] + ["".join(m) for m in merges]
    tokens = list(dict.fromkeys(tokens)) + ["<|startoftext|>", "<|endoftext|>"]
    vocab = {token: i for i, token in enumerate(tokens)}
    marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
             "pad_token": "<|endoftext|>"}
    folder = vocab_files("clip_files", vocab, merges, marks, {}, tokenizer_class="CLIPTokenizer")
    whole = CLIPTokenizer.from_pretrained(folder).backend_tokenizer
    return whole, Tokenizer.from_str(whole.to_str())


def golden(made, decode) -> dict:
    out = {"plain": [], "special": {}, "decoded": {}}
    for i, text in enumerate(STRINGS):
        made.encode_special_tokens = True
        plain = made.encode(text, add_special_tokens=False).ids
        made.encode_special_tokens = False
        parsed = made.encode(text, add_special_tokens=False).ids
        out["plain"].append(plain)
        if parsed != plain:
            out["special"][i] = parsed
        if decode(plain) != text:
            out["decoded"][i] = decode(plain)
    return out


def main() -> None:
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    sp = sentence_piece()
    spm_gguf(sp)
    kinds = {}
    made = {
        "gpt_neox": gpt_neox(), "llama3": llama3(), "roberta": roberta(), "word_piece": word_piece(), "unigram": unigram(),
        "llama": llama(sp, True), "llama_first": llama(sp, False),
    }
    whole, again = clip()
    for name, tokenizer in made.items():
        (HERE / name).mkdir()
        tokenizer.save(str(HERE / name / "tokenizer.json"), pretty=False)
        kinds[name] = golden(tokenizer, lambda ids: tokenizer.decode(ids, skip_special_tokens=False))
    (HERE / "clip").mkdir()
    again.save(str(HERE / "clip" / "tokenizer.json"), pretty=False)
    end = lambda ids: again.decode(ids, skip_special_tokens=False).replace("</w>", " ").strip()
    kinds["clip"] = golden(again, end)
    kinds["clip_files"] = golden(whole, end)
    files = opt()
    kinds["opt"] = golden(files, lambda ids: files.decode(ids, skip_special_tokens=False))
    # After <image>, sentencepiece puts no space, and LLaMA's tokenizers do.
    whole = kinds["llama"]
    plain = [whole["special"][i] if "<image>" in t else sp.encode(t) for i, t in enumerate(STRINGS)]
    parsed = {i: ids for i, ids in whole["special"].items() if ids != plain[i]}
    kinds["spm"] = {"plain": plain, "special": parsed, "decoded": {
        i: text for i, ids in enumerate(plain) if (text := made["llama"].decode(ids, skip_special_tokens=False)) != STRINGS[i]}}
    lines = [f'"strings":{json.dumps(STRINGS, separators=(",", ":"))}']
    lines += [f'"{name}":{json.dumps(value, separators=(",", ":"))}' for name, value in kinds.items()]
    (HERE / "kinds.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(STRINGS), {name: (len(v["special"]), len(v["decoded"])) for name, v in kinds.items()})


if __name__ == "__main__":
    main()
