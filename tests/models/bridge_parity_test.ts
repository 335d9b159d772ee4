import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { checkParity } from "../../evaluation/check_parity.ts";

/** Of the 200 pictures; `rookery eval parity` captions all of them. */
const PICTURES = 24;

for (const dtype of ["f32", "stored"] as const) {
  Deno.test(`the default model computes what PyTorch does, ${dtype}`, async () => {
    using device = await createDevice();
    const report = await checkParity(device, { dtype, limit: PICTURES });
    for (const [stage, difference] of Object.entries(report.differences)) {
      assert(difference <= 1e-3, `${stage}: ${difference} of their range`);
    }
    assert.equal(report.pictures, PICTURES);
    // 98 % of 24 is all of them.
    assert.deepEqual(report.captions, []);
  });
}
