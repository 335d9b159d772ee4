/**
 * Makes up weights on the device, straight into the memory where they lie.
 *
 * @module
 */

import type { WeightRequest } from "../device.ts";
import type { SyntheticTensor } from "../synthetic/synthetic_tensor.ts";
import { packParams, writeWgsl } from "../wgsl.ts";
import type { BufferSpan, GpuContext, WeightPlacement } from "./resources.ts";
import { synthesizeKernel } from "./synthesize_kernel.ts";

/** Fills all parts of a weight; nothing is waited for. */
export async function synthesizeWeight(
  device: GpuContext,
  { need, layout }: WeightRequest,
  tensor: SyntheticTensor,
  { placement, spans }: {
    readonly placement: WeightPlacement;
    readonly spans: readonly BufferSpan[];
  },
): Promise<void> {
  const { gpu } = device.source;
  const whole = { start: 0, end: need.shape[0] ?? 1 };
  const parts = placement.operand.parts ?? [whole];
  const encoder = gpu.createCommandEncoder({ label: need.name });
  const uniforms: GPUBuffer[] = [];
  const pass = encoder.beginComputePass({ label: need.name });
  for (const [i, part] of parts.entries()) {
    const { buffer, offset, bytes } = spans[i]!;
    const kernel = synthesizeKernel({ tensor, layout, part, bytes });
    const type = { dtype: "u32" as const, shape: [bytes / 4] };
    const source = writeWgsl(kernel, [], { type });
    const pipeline = await device.pipelines.get(kernel, source, need.name);
    const params = packParams(kernel);
    const uniform = gpu.createBuffer({
      size: params.length,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    uniforms.push(uniform);
    gpu.queue.writeBuffer(uniform, 0, params);
    const group = gpu.createBindGroup({
      layout: pipeline.layout,
      entries: [
        { binding: 0, resource: { buffer: uniform } },
        { binding: 1, resource: { buffer: buffer.gpu, offset, size: bytes } },
      ],
    });
    pass.setPipeline(pipeline.gpu);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...kernel.workgroups);
  }
  pass.end();
  gpu.queue.submit([encoder.finish()]);
  for (const uniform of uniforms) uniform.destroy();
}
