/**
 * A heap of possible merges: the highest score first, then the leftmost.
 *
 * @module
 */

/** Two neighbours that may become one. */
export interface Merge {
  /** Score of the piece that they make. */
  readonly score: number;
  /** Place of the left one. */
  readonly left: number;
  /** Place of the right one. */
  readonly right: number;
  /** Length of what they make, by which stale merges are told. */
  readonly length: number;
}

/** A binary heap. */
export class MergeQueue {
  readonly #heap: Merge[] = [];

  /** Adds a merge. */
  push(merge: Merge): void {
    const heap = this.#heap;
    let at = heap.push(merge) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(merge, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = merge;
  }

  /** Takes the first; undefined when there is none. */
  pop(): Merge | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length &&
        isBefore(heap[right]!, heap[left]!);
      const child = isRight ? right : left;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Merge, b: Merge): boolean {
  return a.score > b.score || a.score === b.score && a.left < b.left;
}
