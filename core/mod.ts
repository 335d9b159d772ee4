/**
 * The tensor-graph runtime: types, graphs, programs and devices. Knows no op
 * and no model.
 *
 * @module
 */

export * from "./create_device.ts";
export type { AdapterChoice } from "./webgpu/adapter.ts";
export * from "./device.ts";
export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./evaluate.ts";
export * from "./evaluate_on.ts";
export * from "./gradient.ts";
export * from "./kernel.ts";
export * from "./layouts/layout.ts";
export * from "./memory.ts";
export * from "./mersenne_twister.ts";
export * from "./op.ts";
export * from "./profile/mod.ts";
export * from "./program.ts";
export * from "./program_cost.ts";
export * from "./program_graph.ts";
export * from "./rewrite.ts";
export * from "./shape.ts";
export * from "./stored_tensor.ts";
export type { SyntheticKey } from "./synthetic/synthetic_bits.ts";
export {
  type SyntheticFormat,
  type SyntheticOptions,
  SyntheticTensor,
} from "./synthetic/synthetic_tensor.ts";
export * from "./template.ts";
export * from "./tensor.ts";
export * from "./wgsl.ts";
export { WEIGHT_FORMATS, type WeightFormat } from "./weight_formats.ts";
