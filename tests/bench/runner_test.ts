import assert from "node:assert/strict";
import type { Reply } from "../../bench/compare/protocol.ts";
import { Runner } from "../../bench/compare/runner.ts";
import { seededValues } from "../../bench/compare/seeded_values.ts";
import type { Workload } from "../../bench/compare/workload.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const CHILDREN = new URL("../../bench/compare/children/", import.meta.url);

function workloadOf(
  kind: Workload["kind"],
  sizes: Record<string, number>,
): Workload {
  const name = `${kind} ${JSON.stringify(sizes)}`;
  const unit = "GFLOP/s", format = "f32", group = kind;
  return { name, group, kind, sizes, format, unit, perMillisecond: 1 };
}

const request = {
  workload: workloadOf("matmul", { m: 3, k: 4, n: 5 }),
  seed: 1,
  repetitions: 1,
};

/** A runner whose program is `text`, with `serveRequests` at hand. */
async function withRunner(
  text: string,
  use: (runner: Runner) => Promise<void>,
): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  const serve = new URL("serve_requests.ts", CHILDREN);
  await Deno.writeTextFile(
    file,
    `import { serveRequests } from "${serve}";\n${text}`,
  );
  const args = ["run", "-A", "--quiet", "--no-check", "--no-config", file];
  const runner = new Runner({ name: "fake", command: Deno.execPath(), args });
  try {
    await use(runner);
  } finally {
    await runner.stop();
    await Deno.remove(file);
  }
}

Deno.test("Runner gets replies from between what libraries print", async () => {
  const text = `await serveRequests(() => ({
    run: () => { console.log("noise"); return Promise.resolve(); },
    output: () => Promise.resolve([1, 2, 3]),
    note: "as told",
  }));`;
  await withRunner(text, async (runner) => {
    const reply = await runner.ask({ ...request, repetitions: 2 }, 60_000);
    assert("output" in reply);
    assert.deepEqual(reply.output, [1, 2, 3, 1, 2, 3]);
    assert.equal(reply.milliseconds.length, 2);
    assert.equal(reply.note, "as told");
  });
});

Deno.test("Runner tells a crash with its last words, and starts again", async () => {
  const text = `console.error("out of luck"); Deno.exit(3);`;
  await withRunner(text, async (runner) => {
    for (let i = 0; i < 2; i++) {
      const reply = await runner.ask(request, 60_000);
      assert("cannot" in reply);
      assert.match(reply.cannot, /^ended with 3: out of luck$/);
    }
  });
});

Deno.test("Runner stops a process that keeps silent", async () => {
  const text = `await new Promise((done) => setTimeout(done, 1e6));`;
  await withRunner(text, async (runner) => {
    const reply = await runner.ask(request, 300);
    assert("cannot" in reply);
    assert.match(reply.cannot, /^no answer within/);
  });
});

Deno.test("Runner gives an error of a workload as the reason", async () => {
  const text = `await serveRequests(() => {
    throw new Error("no such kernel\\nwith more lines");
  });`;
  await withRunner(text, async (runner) => {
    const reply = await runner.ask(request, 60_000);
    assert("cannot" in reply);
    assert.equal(reply.cannot, "no such kernel");
  });
});

Deno.test("Rookery's runner computes what workloads say", async () => {
  const child = new URL("rookery.ts", CHILDREN).pathname;
  const flags = ["-A", "--quiet", "--no-check", "--config", `${ROOT}deno.json`];
  const runner = new Runner({
    name: "rookery",
    command: Deno.execPath(),
    args: ["run", ...flags, child, ROOT.replace(/\/$/, ""), "no model"],
  });
  const ask = async (workload: Workload): Promise<readonly number[]> => {
    const asked = { workload, seed: 7, repetitions: 1 };
    const reply: Reply = await runner.ask(asked, 120_000);
    if ("cannot" in reply) throw new Error(reply.cannot);
    return reply.output;
  };
  try {
    const sizes = { m: 3, k: 4, n: 5 };
    checkStart(await ask(workloadOf("matmul", sizes)), product(sizes));
    const seen = { l: 6, heads: 2, c: 4, pictures: 3, latents: 4 };
    checkStart(
      await ask(workloadOf("cross_attention", seen)),
      attended({ ...seen, s: 12 }, (j) => [
        Math.floor(j / 2) * 4,
        Math.floor(j / 2) * 4 + 4,
      ]),
    );
    const causal = { l: 5, s: 5, heads: 2, groups: 2, c: 4, isCausal: 1 };
    checkStart(
      await ask(workloadOf("attention", causal)),
      attended(causal, (j) => [0, j + 1]),
    );
  } finally {
    await runner.stop();
  }
});

function checkStart(found: readonly number[], expected: Float32Array): void {
  for (let i = 0; i < Math.min(64, expected.length); i++) {
    assert(Math.abs(found[i]! - expected[i]!) < 1e-4, `value ${i}`);
  }
}

function product({ m, k, n }: Record<"m" | "k" | "n", number>): Float32Array {
  const a = seededValues(m * k, 7), b = seededValues(k * n, 8);
  return Float32Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < k; j++) {
      sum += a[Math.floor(i / n) * k + j]! * b[j * n + i % n]!;
    }
    return sum;
  });
}

/** Attention of query j over the keys from `range(j)[0]` to before its end. */
function attended(
  { heads, l, s, c }: Record<"heads" | "l" | "s" | "c", number>,
  range: (j: number) => readonly [number, number],
): Float32Array {
  const q = seededValues(heads * l * c, 7);
  const k = seededValues(heads * s * c, 8), v = seededValues(heads * s * c, 9);
  const y = new Float32Array(heads * l * c);
  for (let row = 0; row < heads * l; row++) {
    const base = Math.floor(row / l) * s, [low, high] = range(row % l);
    let total = 0;
    for (let key = base + low; key < base + high; key++) {
      let score = 0;
      for (let x = 0; x < c; x++) score += q[row * c + x]! * k[key * c + x]!;
      const weight = Math.exp(score / Math.sqrt(c));
      total += weight;
      for (let x = 0; x < c; x++) y[row * c + x]! += weight * v[key * c + x]!;
    }
    for (let x = 0; x < c; x++) y[row * c + x]! /= total;
  }
  return y;
}
