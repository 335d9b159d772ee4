import assert from "node:assert/strict";
import { zipSync } from "fflate";
import { openNpz } from "../../../plugins/npz/reader.ts";
import { checkGolden, goldenPath } from "../golden_checkpoint.ts";
import { refusal } from "./refusal.ts";

/** Files and the name that their content has among the expected ones. */
const GOLDEN: readonly (readonly [string, string])[] = [
  ["all.npz", "all.npz"],
  ["deflated.npz", "all.npz"],
  ["versions.npz", "versions.npz"],
  ["single.npy", "single.npy"],
  ["haiku_2.npz", "haiku"],
  ["haiku_3.npz", "haiku"],
  ["haiku_4.npz", "haiku"],
  ["haiku_5.npz", "haiku"],
  ["haiku_2_old.npz", "haiku"],
  ["haiku_3_old.npz", "haiku"],
  ["objects.npy", "objects.npy"],
  ["objects.npz", "objects"],
  ["objects_deflated.npz", "objects"],
];

for (const [file, golden] of GOLDEN) {
  Deno.test(`openNpz() reads ${file} as Python wrote it`, async () => {
    using checkpoint = await openNpz(goldenPath(file));
    await checkGolden(checkpoint, golden);
  });
}

Deno.test("openNpz() keeps plain values as metadata", async () => {
  using checkpoint = await openNpz(goldenPath("objects.npz"));
  assert.deepEqual(checkpoint.metadata, { "other/step": 7 });
});

Deno.test("openNpz() reads slices of any bounds", async () => {
  for (const file of ["all.npz", "deflated.npz", "haiku_2.npz"]) {
    using checkpoint = await openNpz(goldenPath(file));
    const { tensors } = checkpoint;
    for (const [name, tensor] of tensors) {
      const whole = await tensor.read(0, tensor.sizeBytes);
      for (let from = 0; from < whole.length; from += 37) {
        const to = Math.min(from + 41, whole.length);
        const part = await tensor.read(from, to);
        assert.deepEqual([...part], [...whole.subarray(from, to)], name);
      }
      await assert.rejects(tensor.read(0, whole.length + 1), /were asked for/);
    }
  }
});

Deno.test("openNpz() reads compressed members of many pieces", async () => {
  using checkpoint = await openNpz(goldenPath("large.npz"));
  const ramp = checkpoint.tensors.get("ramp")!;
  const zeros = checkpoint.tensors.get("zeros")!;
  const [numbers, nothing] = await Promise.all([
    ramp.read(0, ramp.sizeBytes),
    zeros.read(0, zeros.sizeBytes),
  ]);
  assert.ok(
    new Int16Array(numbers.buffer).every((value, i) => value === i % 4999),
  );
  assert.equal(nothing.length, 160_000);
  assert.ok(nothing.every((byte) => byte === 0));
});

Deno.test("openNpz() refuses reads after it was closed", async () => {
  for (const file of ["all.npz", "deflated.npz", "haiku_2.npz"]) {
    const checkpoint = await openNpz(goldenPath(file));
    const tensors = [...checkpoint.tensors.values()];
    await tensors[0]!.read(0, 4);
    checkpoint[Symbol.dispose]();
    for (const tensor of tensors) {
      await assert.rejects(tensor.read(0, 0), /it was closed/);
    }
  }
});

Deno.test("openNpz() refuses a pickle that calls os.system by name", async () => {
  for (
    const file of ["evil_haiku.npz", "evil_objects.npz", "evil_deflated.npz"]
  ) {
    await assert.rejects(
      openNpz(goldenPath(file)),
      (error: Error) =>
        error.message.includes(goldenPath(file)) &&
        /it wants "posix.system", and only dicts/.test(error.message),
    );
  }
  await assert.rejects(Deno.stat("rookery_was_here"), Deno.errors.NotFound);
});

Deno.test("openNpz() refuses types that are not read by name", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["unsigned.npz", /dtype of array "ids" is '<u4': supported are float16/],
    ["record.npz", /dtype of array "rows" is \[\('x', '<f4'\), \('y', '<i4'\)/],
    ["unsigned_pickle.npz", /dtype is <u4: supported are float16/],
    ["texts_pickle.npz", /dtype is <U1: supported are float16/],
  ];
  for (const [file, message] of cases) {
    await assert.rejects(openNpz(goldenPath(file)), message);
  }
});

const GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

/** An array with a header of version `major`. */
function npy(
  header: string,
  dataBytes = 8,
  major = 1,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`${header}\n`);
  const start = major === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + dataBytes);
  bytes.set([0x93, 78, 85, 77, 80, 89, major, 0, text.length]);
  bytes.set(text, start);
  return bytes;
}

function npz(
  members: Record<string, Uint8Array>,
  level: 0 | 6 = 0,
): Uint8Array {
  return zipSync(members, { level });
}

Deno.test("openNpz() accepts the files that the refused ones vary", async () => {
  for (const level of [0, 6] as const) {
    assert.equal(await refusal(npz({ "a.npy": npy(GOOD) }, level)), "");
    assert.equal(await refusal(npz({ "a.npy": npy(GOOD, 8, 3) }, level)), "");
  }
  assert.equal(await refusal(npy(GOOD)), "");
  const other = `{"shape":( 2L ,),  'descr' :"<f4",'fortran_order':True}    `;
  assert.equal(await refusal(npy(other)), "");
});

Deno.test("openNpz() refuses headers that break a rule", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [GOOD.replace("(2,)", "(3,)"), /"a" of shape \[3\].* 12 bytes, 8 are/],
    [GOOD.replace("(2,)", "(1,)"), /"a" of shape \[1\].* 4 bytes, 8 are/],
    [GOOD.replace("(2,)", "(-2,)"), /it must be a dict of descr/],
    [GOOD.replace("(2,)", "(1099511627776, 2)"), /takes 8796093022208 bytes/],
    [GOOD.replace("(2,)", "(9999999999999999999,)"), /integers from 0 on/],
    [GOOD.replace("(2,)", "2"), /it must be a dict of descr/],
    [GOOD.replace("False", "0"), /it must be a dict of descr/],
    [GOOD.replace("descr", "dexcr"), /it must be a dict of descr/],
    [GOOD.replace("{", "{'shape': (), "), /it must be a dict of descr/],
    [GOOD.replace(" 'fortran_order': False,", ""), /it must be a dict/],
    [GOOD.replace("}", ""), /it must be a dict of descr/],
    [GOOD.replace("}", "'__class__': 1}"), /it must be a dict of descr/],
    [GOOD.replace("<f4", "<c8"), /dtype of array "a" is '<c8': supported/],
    [GOOD.replace("<f4", "=f4"), /dtype of array "a" is '=f4': supported/],
    ["", /it must be a dict of descr/],
  ];
  for (const [header, message] of cases) {
    for (const level of [0, 6] as const) {
      const text = await refusal(npz({ "a.npy": npy(header) }, level));
      assert.match(text, message, header);
    }
  }
  const other = npy(GOOD);
  other[6] = 4;
  assert.match(
    await refusal(npz({ "a.npy": other })),
    /"a" has .npy version 4/,
  );
  other[0] = 0;
  assert.match(await refusal(npz({ "a.npy": other })), /"a" does not begin/);
  const long = npy(GOOD, 8, 2);
  long[11] = 1;
  assert.match(await refusal(npz({ "a.npy": long })), /has 16777\d+ bytes/);
});

Deno.test("openNpz() refuses archives that break a rule", async () => {
  assert.match(
    await refusal(npz({ "a.npy": npy(GOOD), "read.me": npy(GOOD) })),
    /member "read.me" is no .npy array/,
  );
  assert.match(await refusal(npz({})), /it holds no arrays/);
  assert.match(await refusal(new Uint8Array(9)), /begins as no file of NumPy/);
  assert.match(await refusal(new Uint8Array(0)), /begins as no file of NumPy/);
  const two = npz({ "a.npy": npy(GOOD), "b.npy": npy(GOOD) });
  two[two.length - 12] = 1;
  assert.match(
    await refusal(two),
    /directory is damaged: 51 bytes follow the 1 members/,
  );
  const whole = npz({ "a.npy": npy(GOOD) });
  assert.match(
    await refusal(whole.subarray(0, whole.length - 30)),
    /without a directory/,
  );
});

/** Changes fields of the only member in a zip file's directory. */
function withDirectory(
  bytes: Uint8Array,
  change: (directory: DataView) => void,
): Uint8Array {
  const out = Uint8Array.from(bytes);
  const view = new DataView(out.buffer);
  const start = view.getUint32(out.length - 6, true);
  change(new DataView(out.buffer, start));
  return out;
}

Deno.test("openNpz() finds damaged stored members when it reads them", async () => {
  const good = npz({ "a.npy": npy(GOOD), "b.npy": npy(GOOD) });
  const text = new TextDecoder("latin1").decode(good);
  // A data byte, and the byte order in the header. The zip's own header has
  // the time of day, which may hold a line feed as well.
  const order = text.indexOf("<f4"), data = text.indexOf("\n", order) + 3;
  for (const at of [data, order]) {
    const damaged = Uint8Array.from(good);
    damaged[at] = ">".charCodeAt(0);
    assert.match(await refusal(damaged), /"a.npy" is damaged: its checksum/);
  }
  const path = await Deno.makeTempFile();
  const damaged = Uint8Array.from(good);
  damaged[data] = 1;
  await Deno.writeFile(path, damaged);
  using checkpoint = await openNpz(path);
  const tensor = checkpoint.tensors.get("a")!;
  // Only reads that go through all of it see all of it.
  assert.equal((await tensor.read(4, 8)).length, 4);
  assert.equal((await tensor.read(0, 4)).length, 4);
  await assert.rejects(tensor.read(4, 8), /its checksum is another/);
  await Deno.remove(path);
  const objects = await Deno.readFile(goldenPath("objects.npz"));
  objects[objects.length >> 1]! ^= 1;
  assert.match(await refusal(objects), /"arr_0.npy" is damaged: its checksum/);
});

Deno.test("openNpz() refuses damaged compressed members", async () => {
  const zeros = GOOD.replace("(2,)", "(2000,)");
  const good = npz({ "a.npy": npy(zeros, 8000) }, 6);
  assert.equal(await refusal(good), "");
  const cases: readonly (readonly [(directory: DataView) => void, RegExp])[] = [
    [(view) => view.setUint32(16, 7, true), /"a.npy".*checksum is another/],
    [(view) => view.setUint32(24, 2 ** 31, true), /cannot come of them/],
    [
      (view) => view.setUint32(24, view.getUint32(24, true) - 4, true),
      /takes 8000 bytes, 7996 are there/,
    ],
    [(view) => view.setUint32(20, 20, true), /"a.npy".*is damaged/],
    [(view) => view.setUint16(10, 12, true), /"a.npy" is encrypted or packed/],
    [(view) => view.setUint16(8, 1, true), /"a.npy" is encrypted or packed/],
  ];
  for (const [change, message] of cases) {
    assert.match(await refusal(withDirectory(good, change)), message);
  }
});
