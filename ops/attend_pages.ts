/**
 * Attention over paged caches, which text and pictures share. Not an op.
 *
 * @module
 */

import type { Binding, Kernel, KernelContext } from "../core/kernel.ts";
import type { BiasKind } from "./attend_bias.ts";
import { attendKernel } from "./attend_kernel.ts";
import { checkCache } from "./cache_type.ts";

/** What an op adds to the common kernel. */
export interface AttendPages {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Operands that `range` reads. */
  readonly bindings: readonly Binding[];
  /** Uniforms that `range` reads. */
  readonly params: Readonly<Record<string, number>>;
  /**
   * Statements that set `low` and `high`, u32: query `j` of row `b` sees the
   * keys [low, high) of the row's pages in order; none when low = high.
   */
  readonly range: string;
  /** Function that narrows the range, see `AttendUse`. */
  readonly mask?: string | undefined;
  /** Index of the operand u32 [b, pages of a row], the page table. */
  readonly table: number;
  /** Factor of the scores. */
  readonly scale: number;
  /** See `AttendUse.bias`. */
  readonly bias?: BiasKind | undefined;
  /** See `AttendUse.query`. */
  readonly query?: string;
  /** See `AttendUse.before`; the kernel then writes the cache. */
  readonly before?: string | undefined;
}

/** The kernel; operand 0 has the queries, operand 1 is the cache. */
export function attendPagesKernel<Attrs>(
  context: KernelContext<Attrs>,
  use: AttendPages,
): Kernel {
  const { inputs } = context;
  const { pages, g, k, slots } = checkCache(use.name, inputs[1]!.type);
  return attendKernel(context, {
    name: use.name,
    bindings: [
      {
        name: "cache",
        of: 1,
        view: "vec4",
        isWritten: use.before !== undefined,
      },
      { name: "table", of: use.table, view: "scalar" },
      ...use.bindings,
    ],
    params: {
      pages,
      table_width: inputs[use.table]!.type.shape[1]!,
      ...use.params,
    },
    groups: g,
    scale: use.scale,
    bias: use.bias,
    range: use.range,
    ...(use.query === undefined ? {} : { query: use.query }),
    ...(use.before === undefined ? {} : { before: use.before }),
    ...(use.mask === undefined ? {} : { mask: use.mask }),
    // Entries past those in use may hold anything: nobody sees their keys, but
    // they must not lead out of the cache.
    source: `fn place(b: u32, part: u32, head: u32, key: u32) -> u32 {
  let index = min(key / ${slots}u, p.table_width - 1u);
  let page = min(load_table(b * p.table_width + index), p.pages - 1u);
  let start = ((page * 2u + part) * p.g + head) * ${k * slots / 4}u;
  return start + key % ${slots}u / 4u;
}
fn keys_at(b: u32, head: u32, key: u32) -> u32 { return place(b, 0u, head, key); }
fn values_at(b: u32, head: u32, key: u32) -> u32 { return place(b, 1u, head, key); }
fn load_keys(at: u32, d: u32) -> vec4<f32> { return load_cache(at + d * ${
      slots / 4
    }u); }
fn load_values(at: u32, d: u32) -> vec4<f32> { return load_keys(at, d); }`,
  });
}
