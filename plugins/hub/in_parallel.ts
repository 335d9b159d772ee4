/**
 * Some works at once, ended together.
 *
 * @module
 */

/**
 * Does `work` for each item, at most `atOnce` at a time. The first failure ends
 * the others by their signal; it is thrown when all have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const waiting = [...items];
  const failures: unknown[] = [];
  const lane = async () => {
    try {
      while (waiting.length > 0) await work(waiting.shift()!, stop.signal);
    } catch (error) {
      failures.push(error);
      waiting.length = 0;
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failures.length > 0) throw failures[0];
}
