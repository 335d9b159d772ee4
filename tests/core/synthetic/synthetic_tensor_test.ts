import assert from "node:assert/strict";
import { createDevice } from "../../../core/create_device.ts";
import { decodeToF32 } from "../../../core/decode_stored.ts";
import { layoutNamed } from "../../../core/layouts/layout_named.ts";
import {
  type SyntheticFormat,
  SyntheticTensor,
} from "../../../core/synthetic/synthetic_tensor.ts";
import type { WebGpuWeight } from "../../../core/webgpu/resources.ts";
import { WebGpuDevice } from "../../../core/webgpu/webgpu_device.ts";

const FORMATS = ["f32", "f16", "q8_0", "q4_1"] as const;

function made(format: SyntheticFormat, shape: number[], seed = 1, name = "w") {
  return new SyntheticTensor({ name, shape, format, seed });
}

async function valuesOf(tensor: SyntheticTensor): Promise<Float32Array> {
  const bytes = await tensor.read(0, tensor.sizeBytes);
  return decodeToF32(tensor.format, bytes);
}

for (const format of FORMATS) {
  Deno.test(`SyntheticTensor of ${format} has the spread of an initialiser`, async () => {
    const values = await valuesOf(made(format, [64, 512]));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const square = values.reduce((a, b) => a + b * b, 0) / values.length;
    assert.ok(Math.abs(mean) < 5e-4, `mean ${mean}`);
    assert.ok(Math.abs(Math.sqrt(square) - 0.018) < 1e-3, `rms ${square}`);
    assert.ok(new Set(values).size >= (format === "q4_1" ? 16 : 256));
  });

  Deno.test(`SyntheticTensor of ${format} gives slices of the whole`, async () => {
    const tensor = made(format, [16, 64]);
    const whole = await tensor.read(0, tensor.sizeBytes);
    for (const [start, end] of [[0, 7], [33, 35], [100, 219]] as const) {
      assert.deepEqual(await tensor.read(start, end), whole.slice(start, end));
    }
  });

  Deno.test(`SyntheticTensor of ${format} differs by seed and by name`, async () => {
    const one = await valuesOf(made(format, [8, 64]));
    assert.deepEqual(await valuesOf(made(format, [8, 64])), one);
    const others = [
      made(format, [8, 64], 2),
      made(format, [8, 64], 1, "v"),
    ];
    for (const other of others) {
      const values = await valuesOf(other);
      const same = values.filter((value, i) => value === one[i]).length;
      assert.ok(same < values.length / 8, `${same} are the same`);
    }
  });

  // 40 rows are padded; 64 KiB bindings split the larger one in parts.
  for (const shape of [[40, 96], [1040, 256]]) {
    Deno.test(`a device makes ${format} weights [${shape}] as packing would`, async () => {
      using device = await createDevice({ maxBindingBytes: 65_536 });
      assert.ok(device instanceof WebGpuDevice);
      const stored = made(format, shape);
      const layout = layoutNamed(format);
      const need = { name: "w", shape, isPacked: true };
      using weight = await device.loadWeight(need, stored, layout);
      const { spans, placement } = weight as WebGpuWeight;
      const columns = shape[1]!;
      const actual = await Promise.all(
        placement.operand.parts!.map(async ({ start, end }, i) => {
          const { buffer } = spans[i]!;
          const range = { buffer, dtype: "u32" as const, start: 0 };
          const [words] = await device.readBuffers([
            { ...range, end: buffer.bytes / 4 },
          ]);
          const bytes = new Uint8Array(words!.buffer as ArrayBuffer);
          return [...layout.unpackRows(bytes, end - start, columns)];
        }),
      );
      assert.deepEqual(actual.flat(), [...await valuesOf(stored)]);
    });
  }
}

Deno.test("a device makes dense weights as they are read", async () => {
  using device = await createDevice();
  assert.ok(device instanceof WebGpuDevice);
  const stored = made("f32", [7, 9]);
  const need = { name: "w", shape: [7, 9], isPacked: false };
  using weight = await device.loadWeight(need, stored, undefined);
  const { buffer } = (weight as WebGpuWeight).spans[0]!;
  const range = { buffer, dtype: "f32" as const, start: 0, end: 63 };
  const [values] = await device.readBuffers([range]);
  assert.deepEqual(values, await valuesOf(stored));
});
