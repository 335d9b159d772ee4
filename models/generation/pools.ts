/**
 * The device memory that sequences share: pages of keys and values, slots of
 * pictures, control rows. Grows when more is needed, never behind the back of
 * the budget.
 *
 * @module
 */

import type { Device, DeviceArray } from "../../core/device.ts";
import { RookeryError } from "../../core/errors.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { TensorType } from "../../core/tensor.ts";
import { PagePool } from "./page_pool.ts";
import {
  type Activations,
  kvType,
  mediaType,
  type PoolSizes,
  rowSizes,
} from "./pool_sizes.ts";
import { ADJUSTMENTS } from "./sampler_states.ts";
import type { ModelStack } from "./stack.ts";

/** What pools begin with. */
export interface FirstSizes {
  /** Tokens that pages are there for. */
  readonly tokens: number;
  /** Pictures that slots are there for. */
  readonly pictures: number;
  /** Number type of what they hold. */
  readonly activations: Activations;
}

/** Pages, picture slots and the arrays behind them. */
export class Pools implements Disposable {
  /** Free and held pages. */
  readonly pages: PagePool;
  /** Free and held picture slots. */
  readonly pictures: PagePool;
  /** State arrays by name, for programs to be bound to. */
  readonly states = new Map<string, DeviceArray>();
  readonly #device: Device;
  readonly #stack: ModelStack;
  #adjustmentWords = 0;
  readonly #rowSizes: Pick<
    PoolSizes,
    "rowPages" | "rowPictures" | "activations"
  >;

  /** Makes pools for `tokens` tokens and `pictures` pictures to begin with. */
  constructor(
    device: Device,
    stack: ModelStack,
    sizes: FirstSizes,
    context: number,
  ) {
    this.#device = device;
    this.#stack = stack;
    checkActivations(sizes.activations, device);
    const { activations } = sizes;
    this.#rowSizes = { ...rowSizes(context), activations };
    this.pages = new PagePool(Math.ceil(sizes.tokens / PAGE_SLOTS));
    this.pictures = new PagePool(stack.eyes ? sizes.pictures : 0);
    this.#allocate(this.sizes);
  }

  /** Sizes that programs are captured for. */
  get sizes(): PoolSizes {
    const { pages, pictures } = this;
    return { pages: pages.size, pictures: pictures.size, ...this.#rowSizes };
  }

  /**
   * Makes room for so many more pages and pictures, at least doubling what
   * grows. Returns whether anything grew: programs must be captured anew then.
   */
  reserve(pages: number, pictures: number): boolean {
    const need = {
      pages: grown(this.pages, pages),
      pictures: grown(this.pictures, pictures),
    };
    const old = this.sizes;
    if (need.pages === old.pages && need.pictures === old.pictures) {
      return false;
    }
    const before = new Map(this.states);
    this.#allocate({ ...old, ...need });
    for (const [name, array] of before) {
      const grownArray = this.states.get(name)!;
      if (grownArray === array) continue;
      this.#device.copyArray(array, grownArray);
      array[Symbol.dispose]();
    }
    this.pages.grow(need.pages);
    this.pictures.grow(need.pictures);
    return true;
  }

  /** Words that rows' adjustments may take. */
  get adjustmentWords(): number {
    return this.#adjustmentWords;
  }

  /**
   * Makes room for so many words of adjustments, at least doubling it. Returns
   * whether there was less room before: programs must be captured anew then.
   */
  reserveAdjustments(words: number): boolean {
    if (words <= this.#adjustmentWords) return false;
    this.#adjustmentWords = Math.max(words, 2 * this.#adjustmentWords);
    // Every run writes its own, so that none are to be kept.
    const old = this.states.get(ADJUSTMENTS);
    this.states.delete(ADJUSTMENTS);
    old?.[Symbol.dispose]();
    return old !== undefined;
  }

  /** A state that programs ask for, e.g. control rows; made when first asked. */
  state(name: string, type: TensorType): DeviceArray {
    const known = this.states.get(name);
    if (known !== undefined) return known;
    const made = this.#device.createArray(type, name);
    this.states.set(name, made);
    return made;
  }

  /** Releases the arrays. */
  [Symbol.dispose](): void {
    for (const array of this.states.values()) array[Symbol.dispose]();
    this.states.clear();
  }

  #allocate(sizes: PoolSizes): void {
    const { language, eyes } = this.#stack;
    const wanted = new Map<string, TensorType>();
    language.blocks.forEach((_, i) =>
      wanted.set(`kv${i}`, kvType(this.#stack, sizes))
    );
    for (const { layer } of eyes?.crossAttention.blocks ?? []) {
      wanted.set(`media${layer}`, mediaType(eyes!, sizes));
    }
    for (const [name, type] of wanted) {
      const known = this.states.get(name);
      if (known?.type.shape[0] === type.shape[0]) continue;
      this.states.set(name, this.#device.createArray(type, name));
    }
  }
}

/** Size at which `pool` has `extra` free entries; doubles when it grows. */
function grown(pool: PagePool, extra: number): number {
  if (pool.free >= extra) return pool.size;
  return Math.max(2 * pool.size, pool.size + extra - pool.free);
}

function checkActivations(activations: Activations, device: Device): void {
  const { hasF16, name } = device.profile;
  if (activations === "f32" || hasF16) return;
  throw new RookeryError(
    "limit",
    `Cannot keep activations as f16 on ${name} as it has no feature ` +
      "shader-f16: use f32",
    { expected: "shader-f16", actual: name },
  );
}
