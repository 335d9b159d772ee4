import assert from "node:assert/strict";
import { createDevice } from "../../mod.ts";
import { soak, type SoakPoint } from "../support/soak.ts";
import { tinyFlamingo } from "../support/tiny_model.ts";

Deno.test("300 generations of mixed shape leave nothing behind", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device, {
    engine: { mediaCacheBytes: 64 * 1024, prefixCacheBytes: 64 * 1024 },
  });
  const points: SoakPoint[] = [];
  const failed = await soak(device, model, {
    count: 300,
    every: 60,
    tell: (point) => points.push(point),
  });
  assert.equal(points.length, 5);
  // Some are impossible on purpose; most are not.
  assert.ok(failed > 5 && failed < 60, `${failed} failed`);
  for (const { heldPlaces } of points) assert.equal(heldPlaces, 0);
  // Programs of all shapes are there after a while, and nothing is added.
  const [, , early, , late] = points;
  const growth = late!.deviceBytes - early!.deviceBytes;
  const added = late!.programs - early!.programs;
  assert.ok(growth === 0 || added > 0, `${growth} bytes, ${added} programs`);
});
