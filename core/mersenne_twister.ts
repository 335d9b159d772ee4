/**
 * The 32-bit Mersenne Twister (Matsumoto and Nishimura, 1998, MT19937), which
 * numpy's `RandomState` draws from: choices and intervals can then be compared
 * with Python's.
 *
 * @module
 */

const SIZE = 624;
const SHIFT = 397;

/** A generator of whole numbers. */
export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #next = SIZE;

  /** Begins the sequence of a seed, 0 … 2³² − 1. */
  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 bits. */
  uint32(): number {
    if (this.#next === SIZE) this.#refill();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /**
   * A whole number from 0 to `count` − 1: bits are masked to the next power of
   * two and drawn again where too large, as `RandomState.randint` does.
   */
  below(count: number): number {
    const most = count - 1;
    if (most <= 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(most);
    for (;;) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) |
        (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % SIZE]! ^ (y >>> 1) ^
        (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
