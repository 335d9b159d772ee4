/**
 * Text of the attention kernel for numbers that the distance between query and
 * key adds to a score. Not an op.
 *
 * @module
 */

import { range, times, type Unrolled } from "./attend_block.ts";

/**
 * What an operand `bias` adds to the score of a query at position `i` for a key
 * at position `s ≤ i`: `slopes` [h]: `slopes[head] · (s − i)` (ALiBi, Press et
 * al., 2022); `distances` [b, l, h, D]: `bias[b, j, head, min(i − s, D − 1)]`
 * (Transformer-XL, Dai et al., 2019).
 */
export type BiasKind = "slopes" | "distances";

/** Workgroup variables and functions; `distances` reads the uniform of its name. */
export function declareBias({ quads }: Unrolled, kind: BiasKind): string {
  const rows = 4 * quads;
  const positions = `var<workgroup> positions: array<u32, ${rows}>;`;
  if (kind === "slopes") {
    return `${positions}\nvar<workgroup> slopes: array<f32, ${rows}>;`;
  }
  return `${positions}
var<workgroup> starts: array<u32, ${rows}>;
fn bias_at(start: u32, position: u32, key: u32) -> f32 {
  return load_bias(start + min(position - min(key, position), p.distances - 1u));
}`;
}

/** Keeps what row `r` needs: its position, and its slope or its distances. */
export function findBias(kind: BiasKind): string {
  const own = kind === "slopes"
    ? "slopes[r] = load_bias(head);"
    : "starts[r] = ((b * p.l + j) * p.h + head) * p.distances;";
  return `    positions[r] = position;\n    ${own}`;
}

/** Takes the rows' values into registers. */
export function startBias({ quads }: Unrolled, kind: BiasKind): string {
  const four = (type: string, name: string, r: number): string =>
    `vec4<${type}>(${range(4).map((c) => `${name}[${4 * r + c}]`).join(", ")})`;
  return times(
    quads,
    (r) =>
      kind === "slopes"
        ? `  let position${r} = vec4<f32>(${four("u32", "positions", r)});
  let slope${r} = ${four("f32", "slopes", r)};`
        : `  let position${r} = ${four("u32", "positions", r)};
  let start${r} = ${four("u32", "starts", r)};`,
  );
}

/** Adds to the scores of a block; keys that are not seen may get anything. */
export function addBias({ quads }: Unrolled, kind: BiasKind): string {
  const added = (key: string, r: number): string =>
    kind === "slopes"
      ? `slope${r} * (f32(${key}) - position${r})`
      : `vec4<f32>(${
        [..."xyzw"].map((c) =>
          `bias_at(start${r}.${c}, position${r}.${c}, ${key})`
        )
          .join(", ")
      })`;
  return times(
    quads,
    (r) =>
      times(
        2,
        (u) =>
          times(4, (i) =>
            `    s${u}${i}_${r} += ${added(`key${u} + ${i}u`, r)};`),
      ),
  );
}
