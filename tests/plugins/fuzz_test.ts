/** Damaged files of all kinds; `deno task fuzz` feeds many more of them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cannotRead } from "../../plugins/cannot_read.ts";
import { fuzzTargets } from "./fuzz/fuzz_targets.ts";
import { type FuzzTarget, runFuzz } from "./fuzz/run_fuzz.ts";

const RUNS = 300, SEED = 20261123;

for (const target of await fuzzTargets()) {
  Deno.test(`damaged files: ${target.name}`, async () => {
    const { refused, read } = await runFuzz(target, {
      runs: RUNS,
      seed: SEED,
    });
    assert.equal(refused + read, RUNS);
    // Damage that is always found, or never, would test nothing.
    assert.ok(refused > 0 && read > 0, `${refused} refused, ${read} read`);
  });
}

/** What `runFuzz` says of a reader that does `run` with every file. */
async function findingOf(
  run: FuzzTarget["run"],
  more: Partial<FuzzTarget> = {},
): Promise<string> {
  const cases = fc.uint8Array({ minLength: 1, maxLength: 9 })
    .map((bytes) => new Uint8Array(bytes));
  const own = { name: "own", file: "own.bin", mostMs: 200 };
  const target = { ...own, cases, run, ...more };
  try {
    await runFuzz(target, { runs: 3, seed: 1 });
    return "";
  } catch (error) {
    const { message } = error as Error;
    const [, folder] = /file (\S+)\/own.bin/.exec(message)!;
    await Deno.remove(folder!, { recursive: true });
    return message;
  }
}

Deno.test("runFuzz() finds readers that break a rule", async () => {
  const fine = await findingOf((path) => Promise.reject(cannotRead(path, "x")));
  assert.equal(fine, "");
  assert.equal(await findingOf(() => Promise.resolve()), "");
  const cases: readonly (readonly [FuzzTarget["run"], RegExp])[] = [
    [() => Promise.reject(new TypeError("no")), /own: TypeError: no/],
    [() => Promise.reject(cannotRead("other", "x")), /Cannot read other/],
    [
      (path, measure) => measure(() => Deno.readFile(path).then(allocate)),
      /it allocated 70000 bytes for \d/,
    ],
    [
      () => new Promise((done) => setTimeout(done, 250)),
      /it took \d{3,}\.?\d* ms/,
    ],
  ];
  for (const [run, message] of cases) {
    assert.match(await findingOf(run), message);
  }
  assert.match(
    await findingOf((path) => Promise.reject(cannotRead(path, "x")), {
      codes: ["config"],
    }),
    /file: Cannot read/,
  );
});

function allocate(): void {
  new Float64Array(5000).slice(0, 1250);
  new Uint8Array(new ArrayBuffer(20_000));
}
