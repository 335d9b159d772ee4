import assert from "node:assert/strict";
import {
  chromeTrace,
  createDevice,
  type Device,
  type DeviceOptions,
  type DeviceWeight,
  type HostArray,
  measurePeaks,
  type Profile,
  Profiler,
  profileTable,
  ProgramBuilder,
  type Template,
} from "../../mod.ts";
import { Q4_1_LAYOUT } from "../../core/layouts/q4_1.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import { add } from "../../ops/add.ts";
import { matmul } from "../../ops/matmul.ts";
import { silu } from "../../ops/silu.ts";
import { softmax } from "../../ops/softmax.ts";

const LAYERS = 3;
const RUNS = 4;
const ROWS = 5, WIDTH = 64;

const layer: Template = {
  name: "test/layer",
  build(scope, { x }) {
    const y = matmul(x!, scope.weight("w", [WIDTH, WIDTH]), {
      isTransposed: true,
    });
    return { x: add(x!, silu(y)) };
  },
};

const head: Template = {
  name: "test/head",
  build: (_, { x }) => ({ y: softmax(x!, { axis: -1 }) }),
};

/** The layers' weights, on the device or streamed to it. */
async function layerWeights(
  device: Device,
  isStreamed: boolean,
): Promise<ReadonlyMap<string, DeviceWeight>> {
  const shape = [WIDTH, WIDTH];
  const requests = Array.from({ length: LAYERS }, (_, i) => {
    const name = `layers.${i}.w`;
    const values = Float32Array.from(
      { length: WIDTH * WIDTH },
      (_, at) => Math.sin(at + i),
    );
    const need = { name, shape, isPacked: true };
    return { need, stored: inMemory(name, shape, values), layout: Q4_1_LAYOUT };
  });
  if (isStreamed) return device.streamWeights(requests.map((each) => [each]));
  const weights = new Map<string, DeviceWeight>();
  for (const { need, stored, layout } of requests) {
    weights.set(need.name, await device.loadWeight(need, stored, layout));
  }
  return weights;
}

/** Runs three layers and a head three times over, then once more. */
async function runLayers(
  device: Device,
  isStreamed: boolean = false,
): Promise<HostArray> {
  const builder = new ProgramBuilder("stack");
  let x = builder.input("x", { dtype: "f32", shape: [ROWS, WIDTH] });
  for (let i = 0; i < LAYERS; i++) {
    x = builder.call(layer, `layers.${i}.`, { x }).x!;
  }
  builder.output("y", builder.call(head, "", { x }).y!);
  using held = new DisposableStack();
  const weights = await layerWeights(device, isStreamed);
  for (const weight of weights.values()) held.use(weight);
  const program = held.use(
    await device.compile(builder.build(), { weights, states: new Map() }),
  );
  program.write("x", new Float32Array(ROWS * WIDTH).map((_, i) => i % 7));
  await program.run(RUNS - 1);
  await program.run();
  return (await program.read("y"))[0]!;
}

async function profiled(
  options: DeviceOptions,
  isStreamed: boolean = false,
): Promise<{ profile: Profile; values: HostArray }> {
  using device = await createDevice({ profile: true, ...options });
  const values = await runLayers(device, isStreamed);
  return { profile: await device.profiler!.finish(), values };
}

const WAYS: readonly (readonly [string, DeviceOptions])[] = [
  ["timestamps", {}],
  ["waits", { profile: "waits" }],
  ["host", { device: "cpu" }],
];

for (const [method, options] of WAYS) {
  Deno.test(`a profile by ${method} has every dispatch, and changes no bit`, async () => {
    const { profile, values } = await profiled(options);
    using plain = await createDevice({ ...options, profile: false });
    assert.equal(plain.profiler, undefined);
    assert.deepEqual(values, await runLayers(plain));

    // A device whose timestamps are of no use is timed by waits.
    const possible = method === "timestamps" ? [method, "waits"] : [method];
    assert.ok(possible.includes(profile.method), profile.note);
    const calls = Object.fromEntries(
      profile.rows.map(({ op, calls }) => [op, calls]),
    );
    const inLayers = LAYERS * RUNS;
    assert.deepEqual(calls, {
      matmul: inLayers,
      silu: inLayers,
      add: inLayers,
      softmax: RUNS,
    });
    assert.equal(profile.programs[0]!.calls, RUNS);
    assert.equal(profile.programs.length, 1);
    assert.equal(profile.untimed, 0);
    for (const row of profile.rows) {
      assert.ok(row.ms >= 0 && row.medianMs <= row.ms);
      assert.equal(row.peak, undefined, "no peaks were measured");
    }
    const sum = profile.rows.reduce((ms, row) => ms + row.ms, 0);
    assert.ok(Math.abs(sum - profile.deviceMs) < 1e-6);
    assert.ok(sum > 0 && sum <= 1.2 * profile.runMs);
    assert.ok(profile.runMs <= profile.wallMs);
    const kinds = profile.host.map(({ name }) => name);
    assert.ok(kinds.includes("upload"));
  });
}

for (const device of ["auto", "cpu"] as const) {
  Deno.test(`streamed weights are noted, and runs counted once, on ${device}`, async () => {
    const { profile, values } = await profiled({ device }, true);
    using plain = await createDevice({ device });
    assert.deepEqual(values, await runLayers(plain));
    const calls = profile.rows.map(({ calls }) => calls);
    assert.equal(calls.reduce((a, b) => a + b), (3 * LAYERS + 1) * RUNS);
    assert.deepEqual(profile.programs.map(({ calls }) => calls), [RUNS]);
    const streamed = profile.host.find(({ name }) => name === "stream");
    assert.equal(streamed!.calls, LAYERS * RUNS);
  });
}

Deno.test("rows tell shapes, places and rates of packed weights", async () => {
  const { profile } = await profiled({});
  const row = profile.rows.find(({ op }) => op === "matmul")!;
  assert.equal(row.shape, "5×64 · 64×64 q4_1 → 5×64");
  assert.deepEqual(row.places, ["stack: layers.*."]);
  assert.match(row.kernel, /^matmul_q4_1/);
  const flops = 2 * ROWS * WIDTH * WIDTH;
  const bytes = 4 * 2 * ROWS * WIDTH + WIDTH * WIDTH * 20 / 32; // 20 of 32 weights
  const scale = 1e-6 / row.medianMs;
  assert.ok(Math.abs(row.gflops / (flops * scale) - 1) < 1e-6);
  assert.ok(Math.abs(row.gbs / (bytes * scale) - 1) < 1e-6);
});

Deno.test("peaks are measured off the record, and rows share in them", async () => {
  using device = await createDevice({ profile: true });
  const peaks = await measurePeaks(device);
  const before = await device.profiler!.finish();
  assert.equal(before.rows.length, 0);
  assert.deepEqual(before.host, []);
  assert.deepEqual(before.peaks, peaks);
  await runLayers(device);
  const { rows } = await device.profiler!.finish();
  const row = rows.find(({ op }) => op === "matmul")!;
  const arithmetic = row.gflops / peaks.gemmGflops;
  const memory = row.gbs / (2 * peaks.copyGBs);
  assert.equal(row.peak!.of, arithmetic > memory ? "arithmetic" : "memory");
  assert.equal(row.peak!.share, Math.max(arithmetic, memory));
});

Deno.test("a trace has times on every event, in order, and the rows beside", async () => {
  const { profile } = await profiled({});
  const trace = JSON.parse(JSON.stringify(chromeTrace(profile)));
  let last = 0;
  const kernels: string[] = [];
  for (const { ph, name, ts, dur, pid, tid, args } of trace.traceEvents) {
    assert.ok(["X", "M"].includes(ph) && name.length > 0);
    assert.ok(Number.isFinite(ts) && Number.isFinite(dur) && dur >= 0);
    assert.equal(pid, 1);
    assert.ok(tid === 1 || tid === 2);
    assert.ok(ts >= last, `${name} at ${ts} after ${last}`);
    last = ts;
    if (ph === "X" && tid === 2) kernels.push(`${name} ${args.shape}`);
  }
  const { rows, deviceMs, wallMs } = trace.rookery;
  const calls = rows.reduce(
    (sum: number, row: { calls: number }) => sum + row.calls,
    0,
  );
  assert.equal(kernels.length, calls);
  assert.ok(last / 1000 <= wallMs && deviceMs === profile.deviceMs);
  assert.equal(trace.rookery.events, undefined);
});

Deno.test("profileTable() folds the tail and tells totals", async () => {
  const { profile } = await profiled({});
  const all = profileTable(profile);
  assert.match(all, /total of 4 rows +40 /);
  assert.doesNotMatch(all, /other rows/);
  const two = profileTable(profile, { rows: 2 });
  assert.match(two, /^2 other rows +\d+ /m);
  assert.match(two, /peaks: not measured/);
  assert.match(two, /stack +4× +[\d.]+ ms/);
  const widths = new Set(
    all.split("\n").filter((line) => line.includes("→"))
      .map((line) => line.indexOf("stack: ")),
  );
  assert.equal(widths.size, 1, "columns stand under each other");
});

Deno.test("a Profiler's clock stands still while work is unrecorded", async () => {
  let now = 100;
  const profiler = new Profiler({
    device: "test",
    method: "host",
    note: "",
    timingMs: 0,
    now: () => now,
  });
  assert.equal(profiler.span("load", "a", () => now += 5), 105);
  await profiler.unrecorded(async () => {
    await profiler.span("load", "b", () => Promise.resolve(now += 50));
    profiler.beginRun("probe", 1);
  });
  await assert.rejects(
    profiler.span("load", "c", async () => {
      now += 2;
      await Promise.resolve();
      throw new Error("no");
    }),
  );
  const { wallMs, host, events, programs } = await profiler.finish();
  assert.equal(wallMs, 7);
  assert.deepEqual(host, [{ name: "load", calls: 2, ms: 7 }]);
  assert.deepEqual(events.map(({ startMs, ms }) => [startMs, ms]), [
    [0, 5],
    [55, 2],
  ]);
  assert.deepEqual(programs, []);
});

Deno.test("dispatches that nothing was read after are told to be untimed", async () => {
  const device = await createDevice({ profile: true });
  const { profiler } = device;
  const builder = new ProgramBuilder("head");
  const x = builder.input("x", { dtype: "f32", shape: [1, 4] });
  builder.output("y", builder.call(head, "", { x }).y!);
  const bindings = { weights: new Map(), states: new Map() };
  const program = await device.compile(builder.build(), bindings);
  await program.run(3);
  device[Symbol.dispose]();
  const profile = await profiler!.finish();
  assert.equal(profile.untimed, 3);
  assert.deepEqual(profile.rows, []);
  assert.match(profileTable(profile), /untimed: 3 dispatches/);
});
