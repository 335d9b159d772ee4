import assert from "node:assert/strict";
import { openNpz } from "../../../plugins/npz/reader.ts";
import { goldenPath } from "../golden_checkpoint.ts";
import { refusal } from "./refusal.ts";

/** A pickle given as text, one character a byte. */
function pickled(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

Deno.test("openNpz() refuses pickles of anything else", async () => {
  const dtype = "cnumpy\ndtype\nX\x02\x00\x00\x00f4\x89\x88\x87R";
  const array = (shape: string, data: string) =>
    "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b" +
    `\x87R(K\x01${shape}${dtype}\x89${data}tb`;
  const dict = (value: string) => `\x80\x03}X\x01\x00\x00\x00w${value}s.`;
  assert.equal(
    await refusal(pickled(dict(array("K\x01\x85", "C\x04abcd")))),
    "",
  );
  const cases: readonly (readonly [string, RegExp])[] = [
    ["\x80\x03cbuiltins\neval\n.", /wants "builtins.eval"/],
    ["\x80\x03ccollections\nOrderedDict\n.", /wants "collections.OrderedDict"/],
    ["\x80\x03ctorch\nFloatStorage\n.", /wants "torch.FloatStorage"/],
    ["\x80\x03NQ.", /persistent id null/],
    ["\x80\x03K\x07.", /holds no dict of arrays/],
    ["\x80\x03}.", /it holds no arrays/],
    [`\x80\x03${array("K\x01\x85", "C\x04abcd")}.`, /holds one array/],
    [
      dict(array("K\x01\x85", "C\x04abcd")) + "junk",
      /4 bytes follow the pickle/,
    ],
    [
      dict(array("K\x02\x85", "C\x04abcd")),
      /"w" of shape \[2\].* 8 bytes, 4 are/,
    ],
    [dict(array("K\x01", "C\x04abcd")), /shape or data is wrong/],
    [dict(array("K\x01\x85", "K\x05")), /shape or data is wrong/],
    [dict(array("K\x01\x85", "](K\x01e")), /"w" holds Python objects/],
    [
      dict(array("\x8a\x06\x00\x00\x00\x00\x00\x01\x85", "C\x04abcd")),
      /takes 4398046511104 bytes, 4 are there/,
    ],
    [dict("cnumpy.core.multiarray\n_reconstruct\n)R"), /of another class/],
    [dict("cnumpy\ndtype\n)R"), /a dtype has no name/],
    [dict("c__builtin__\nbytes\nK\x05\x85R"), /bytes are made of something/],
    [
      dict("c_codecs\nencode\nU\x01aU\x05ascii\x86R"),
      /another way than latin1/,
    ],
    [dict("c_codecs\nencode\nK\x01U\x06latin1\x86R"), /is no text/],
    [
      dict("c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80U\x06latin1\x86R"),
      /character above 255/,
    ],
    // A dict that is its own value, and dicts that double at every level.
    ["\x80\x03}q\x00X\x01\x00\x00\x00wh\x00s.", /nest deeper than 32/],
  ];
  for (const [text, message] of cases) {
    assert.match(await refusal(pickled(text)), message, JSON.stringify(text));
  }
});

Deno.test("openNpz() refuses dicts that double at every level", async () => {
  let text = `\x80\x03${"}q\x00"}`;
  for (let level = 1; level < 30; level++) {
    text += `}q${String.fromCharCode(level)}`;
    const [a, b] = ["U\x01a", "U\x01b"];
    const inner = `h${String.fromCharCode(level - 1)}`;
    text += `(${a}${inner}${b}${inner}u`;
  }
  assert.match(await refusal(pickled(`${text}.`)), /name each other more than/);
});

Deno.test("openNpz() finds long texts that are no bytes when it reads", async () => {
  const path = await Deno.makeTempFile();
  const bytes = await Deno.readFile(goldenPath("haiku_2.npz"));
  const text = new TextDecoder("latin1").decode(bytes);
  // The first character of two bytes in the longest array.
  const at = text.slice(3000).search(/[\xc2\xc3][\x80-\xbf]/) + 3000;
  for (const [place, byte] of [[at, 0xc4], [at, 0x41], [at + 1, 0x41]]) {
    const changed = Uint8Array.from(bytes);
    changed[place!] = byte!;
    await Deno.writeFile(path, changed);
    using checkpoint = await openNpz(path);
    const tensor = checkpoint.tensors.get("NFNet/~/ConvWS_2D/w")!;
    await assert.rejects(
      tensor.read(0, 4),
      /no text of 4608 characters below 256/,
    );
  }
  await Deno.remove(path);
});
