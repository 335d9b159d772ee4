import assert from "node:assert/strict";
import { ByteCursor } from "../../../plugins/byte_cursor.ts";
import { RangeFile } from "../../../plugins/range_file.ts";
import { unpickle } from "../../../plugins/pickle/unpickler.ts";
import { torchRules } from "../../../plugins/torch/torch_values.ts";

/** Runs a pickle given as text, one character a byte. */
async function run(pickle: string): Promise<unknown> {
  const path = await Deno.makeTempFile({ suffix: ".pkl" });
  await Deno.writeFile(path, Uint8Array.from(pickle, (c) => c.charCodeAt(0)));
  try {
    using file = await RangeFile.open(path);
    return unpickle(new ByteCursor(file), torchRules());
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("unpickle() builds plain values", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["\x80\x02N.", null],
    ["\x88.", true],
    ["K\x07.", 7],
    ["M\x01\x02.", 513],
    ["J\xff\xff\xff\xff.", -1],
    ["\x8a\x00.", 0],
    ["\x8a\x02\x00\x80.", -32768],
    ["\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", 2n ** 64n],
    ["G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5],
    ["X\x02\x00\x00\x00\xc3\xa9.", "é"],
    ["\x8c\x01a.", "a"],
    ["U\x01a.", "a"],
    ["C\x02\x01\x02.", Uint8Array.of(1, 2)],
    ["](K\x01K\x02e.", [1, 2]],
    ["]K\x01a.", [1]],
    ["K\x01K\x02\x86.", [1, 2]],
    ["(K\x01K\x02t.", [1, 2]],
    ["}(K\x01K\x02u.", new Map([[1, 2]])],
    ["(K\x01K\x02d.", new Map([[1, 2]])],
    ["ccollections\nOrderedDict\n)R}b.", new Map()],
    ["ccollections\nOrderedDict\n]]K\x01aK\x02aa\x85R.", new Map([[1, 2]])],
    ["K\x05q\x000h\x00.", 5],
    ["K\x05\x940h\x00.", 5],
  ];
  for (const [pickle, value] of cases) {
    assert.deepEqual(await run(pickle), value, JSON.stringify(pickle));
  }
});

Deno.test("unpickle() keeps one value that is named twice", async () => {
  const pair = await run("]q\x00h\x00\x86.") as unknown[];
  assert.ok(pair[0] === pair[1]);
});

Deno.test("unpickle() refuses programs that break a rule", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["\x80\x06N.", /its protocol is 6, and 5 the last/],
    ["]}b.", /attributes of a value that has none/],
    ["}]b.", /attributes of a value that has none/],
    ["cos\nsystem\n.", /wants "os.system"/],
    ["\x8c\x02os\x8c\x06system\x93.", /wants "os.system"/],
    ["cbuiltins\neval\n.", /wants "builtins.eval"/],
    ["ctorch\nload\n.", /wants "torch.load"/],
    ["K\x01K\x02\x93.", /global's name is no string/],
    ["(ios\nsystem\n.", /opcode 105 \("i"\)/],
    ["\x81.", /opcode 129/],
    [".", /stack is empty/],
    ["(.", /a mark is where a value must be/],
    ["K\x01e.", /a mark is missing/],
    ["K\x01K\x02a.", /appends to no list/],
    ["K\x01K\x02K\x03s.", /sets items of no dict/],
    ["}K\x01K\x02sK\x01K\x02s.", /key 1 is there twice/],
    ["}(K\x01u.", /sets items of no dict/],
    ["h\x05.", /memo 5, which was never set/],
    ["N)R.", /calls something that is no function/],
    ["ctorch\nFloatStorage\n)R.", /calls something that is no function/],
    ["ctorch\nFloatStorage\nNb.", /attributes of a class/],
    ["ctorch._utils\n_rebuild_tensor_v2\n)R.", /tensor's storage, offset/],
    ["ctorch._utils\n_rebuild_parameter\n)R.", /parameter holds no tensor/],
    ["NQ.", /persistent id names no storage/],
    ["X\xff\xff\xff\x7fab.", /takes 2147483647 bytes/],
    ["\x8b\xff\xff\xff\x7f.", /an integer of 2147483647 bytes/],
    ["\x8b\xff\xff\xff\xff.", /an integer of -1 bytes/],
    ["c" + "a".repeat(2000), /longer than 1024 bytes/],
    ["K", /cut short/],
    ["", /cut short/],
    ["N" + "2".repeat(2 ** 22), /more than 4194304 opcodes/],
  ];
  for (const [pickle, message] of cases) {
    await assert.rejects(run(pickle), message);
  }
});
