import assert from "node:assert/strict";
import {
  compareWorkload,
  type Participant,
} from "../../bench/compare/compare_workload.ts";
import type { Reply } from "../../bench/compare/protocol.ts";
import type { Workload } from "../../bench/compare/workload.ts";

const limits = { rounds: 2, timeout: 1000, slow: 60_000 };

const workload: Workload = {
  name: "matmul f32 2×2×2",
  group: "matmul",
  kind: "matmul",
  sizes: { m: 2, k: 2, n: 2 },
  format: "f32",
  unit: "GFLOP/s",
  perMillisecond: 100,
};

/** Answers in order; the last one again and again. */
function participant(
  name: string,
  answers: readonly (Omit<Reply & object, "id"> & Record<string, unknown>)[],
  order: string[] = [],
  isNative = false,
): Participant {
  let at = 0;
  return {
    name,
    isNative,
    ask(): Promise<Reply> {
      order.push(name);
      const answer = answers[Math.min(at++, answers.length - 1)]!;
      return Promise.resolve({ id: 0, ...answer } as unknown as Reply);
    },
  };
}

const took = (ms: number, output = [1, 2]) => ({
  milliseconds: [ms],
  output,
});

Deno.test("compareWorkload() measures in turns, forward and back", async () => {
  const order: string[] = [];
  const all = ["a", "b", "c"].map((name) =>
    participant(name, [took(1)], order)
  );
  await compareWorkload(workload, all, limits);
  assert.equal(order.join(""), "abc" + "abc" + "cba");
});

Deno.test("compareWorkload() takes the best WebGPU peer; native ones are shown only", async () => {
  const row = await compareWorkload(workload, [
    participant("rookery", [took(2)]),
    participant("slower", [took(10)]),
    participant("faster", [took(4)]),
    participant("native", [took(1)], [], true),
  ], limits);
  assert.equal(row.rookery, 50);
  assert.deepEqual(row.peers, { slower: 10, faster: 25, native: 100 });
  assert.equal(row.ratio, 2);
  assert.equal(row.maxDifference, 0);
});

Deno.test("compareWorkload() leaves out a peer with another result, and says so", async () => {
  const row = await compareWorkload(workload, [
    participant("rookery", [took(2)]),
    participant("wrong", [took(1, [1, 3])]),
    participant("short", [took(1, [1])]),
  ], limits);
  assert.deepEqual(row.peers, {});
  assert.equal(row.ratio, null);
  assert.match(row.notes["wrong"]!, /another result: differs by 5.0e-1/);
  assert.match(row.notes["short"]!, /another result/);
});

Deno.test("compareWorkload() counts equal tokens instead where tokens are drawn", async () => {
  const row = await compareWorkload({ ...workload, kind: "decode" }, [
    participant("rookery", [took(2, [5, 6, 7, 5, 6, 7])]),
    participant("other", [took(1, [5, 9, 7, 5, 9, 7])]),
  ], limits);
  assert.equal(row.notes["other"], "1 of 3 tokens equal");
  assert.deepEqual(row.peers, { other: 100 });
  assert.equal(row.maxDifference, null);
});

Deno.test("compareWorkload() says who cannot, who is slow and who stopped", async () => {
  const row = await compareWorkload(workload, [
    participant("rookery", [took(2)]),
    participant("unable", [{ cannot: "has no matmul" }]),
    participant("slow", [took(61_000)]),
    participant("dying", [took(1), { cannot: "ended with 1" }]),
  ], limits);
  assert.equal(row.notes["unable"], "cannot: has no matmul");
  assert.equal(row.notes["slow"], "slow: measured once");
  assert.equal(row.notes["dying"], "stopped: ended with 1");
  assert.deepEqual(Object.keys(row.peers), ["slow"]);
});

Deno.test("compareWorkload() does not ask a peer that stopped again", async () => {
  const order: string[] = [];
  await compareWorkload(workload, [
    participant("a", [took(2)], order),
    participant("b", [took(1), { cannot: "no answer within 1 s" }], order),
  ], { ...limits, rounds: 3 });
  assert.equal(order.join(""), "ab" + "ab" + "a" + "a");
});

Deno.test("compareWorkload() has a row even where Rookery cannot", async () => {
  const row = await compareWorkload(workload, [
    participant("rookery", [{ cannot: "no device" }]),
    participant("peer", [took(1)]),
  ], limits);
  assert.equal(row.rookery, null);
  assert.equal(row.ratio, null);
  assert.equal(row.notes["rookery"], "cannot: no device");
});
