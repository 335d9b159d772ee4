import assert from "node:assert/strict";
import {
  assemble,
  createDevice,
  type Device,
  MemoryLedger,
  outlineModel,
  parseConfig,
  planModel,
  type PlannedDevice,
} from "../../mod.ts";
import {
  tinyConfigJson,
  tinyFlamingo,
  tinyPlugins,
} from "../support/tiny_model.ts";

const OPTIONS = { plugins: tinyPlugins() };

function tinyOutline() {
  return outlineModel(parseConfig(tinyConfigJson(), "tiny"), OPTIONS);
}

/** A device like another, with so much memory and other limits. */
function like(
  { profile }: Device,
  budgetBytes: number,
  limits: Partial<PlannedDevice["profile"]> = {},
): PlannedDevice {
  return {
    profile: { ...profile, ...limits },
    memory: new MemoryLedger(budgetBytes),
  };
}

for (
  const [dtype, planned] of [
    ["f32", "f32"],
    ["f16", "f16"],
    ["q8_0", "int8"],
    ["q4_1", "int4"],
  ] as const
) {
  Deno.test(`planModel() tells the bytes that a device holds in ${dtype}`, async () => {
    const { parts } = await planModel(await tinyOutline());
    const bytes = Object.values(parts).map((part) => part!.bytes[planned]);
    using device = await createDevice();
    using _model = await tinyFlamingo(device, { dtype });
    const { weights } = device.memory.heldByKind;
    assert.equal(bytes.reduce((a, b) => a + b, 0), weights);
  });
}

Deno.test("planModel() says what fits, and why something does not", async () => {
  using device = await createDevice();
  const outline = await tinyOutline();
  const ask = async (asked: PlannedDevice) =>
    (await planModel(outline, { device: asked })).device;
  const roomy = await ask(like(device, 2 ** 30));
  assert.deepEqual(roomy, {
    name: device.profile.name,
    memoryBytes: 2 ** 30,
    fits: { f32: true, f16: true, int8: true, int4: true },
    why: [],
  });
  const tight = await ask(like(device, 2 ** 18));
  assert.deepEqual(
    tight.fits,
    { f32: false, f16: false, int8: false, int4: false },
  );
  assert.equal(tight.why.length, 4);
  assert.match(
    tight.why[0]!,
    /^f32: .* of weights, .* of caches and .* of values are .* 256\.0 KiB$/,
  );
  const unknown = await ask(like(device, Number.MAX_SAFE_INTEGER));
  assert.equal(unknown.memoryBytes, null);
  assert.equal(unknown.fits.f32, true);
  assert.match(unknown.why.join(), /nobody tells how much memory/);
});

Deno.test("planModel() finds the least memory that a model runs in", async () => {
  using device = await createDevice();
  const outline = await tinyOutline();
  const fits = async (bytes: number) => {
    const asked = like(device, bytes);
    const { fits } = (await planModel(outline, { device: asked })).device;
    return fits.f32!;
  };
  let [low, high] = [0, 64 * 2 ** 20];
  assert(await fits(high));
  while (high - low > 4096) {
    const middle = Math.floor((low + high) / 2);
    if (await fits(middle)) high = middle;
    else low = middle;
  }
  // What is planned for is one picture, a whole chunk of text, and steps.
  const run = async (memoryBytes: number) => {
    using small = await createDevice({ memoryBytes });
    using model = await tinyFlamingo(small);
    const prompt = "a".repeat(127);
    const words = model.generate([{ text: prompt }], { maxTokens: 2 });
    for await (const _ of words) { /* only to run it */ }
  };
  await run(high);
  await assert.rejects(run(low / 2), /budget/);
});

Deno.test("planModel() names what passes a device's limits", async () => {
  using device = await createDevice();
  const outline = await tinyOutline();
  const small = like(device, 2 ** 30, { maxBindingBytes: 4096 });
  const { fits, why } = (await planModel(outline, { device: small })).device;
  assert.equal(fits.f32, false);
  assert.match(why.join("\n"), /cache kv0 takes .* sees at most 4\.0 KiB/);
  const old = like(device, 2 ** 30, { hasF16: false });
  const half = await planModel(outline, { device: old, activations: "f16" });
  assert.equal(half.device.fits.int4, false);
  assert.match(half.device.why[0]!, /has no f16 in kernels/);
});

Deno.test("planModel() asks a device and takes nothing of it", async () => {
  using device = await createDevice();
  const { profile, memory } = device;
  const asked: PlannedDevice = Object.freeze({ profile, memory });
  for (const preset of ["rookery-small", "flamingo-80b"]) {
    const { fits } = (await planModel(preset, { device: asked })).device;
    assert.equal(typeof fits.f32, "boolean");
  }
  assert.equal(memory.heldBytes, 0);
  using cpu = await createDevice({ device: "cpu", memoryBytes: 2 ** 40 });
  const plan = await planModel("flamingo-80b", { device: cpu });
  assert.equal(plan.device.fits.int4, true);
});

Deno.test("assemble() tells that nobody has the paper's weights", async () => {
  using device = await createDevice({ device: "cpu", memoryBytes: 1024 });
  for (const preset of ["flamingo-3b", "flamingo-9b-40"]) {
    await assert.rejects(assemble(preset, { device }), {
      code: "weights",
      message:
        /^Cannot assemble flamingo-.* names no weights\..* were never published.*`initial`/,
    });
  }
});
