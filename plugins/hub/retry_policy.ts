/**
 * How often and how soon a request that failed by chance is made again.
 *
 * @module
 */

/** Counts and times of trying again. */
export interface RetryPolicy {
  /** Tries in a row without progress. */
  readonly attempts: number;
  /** Wait before the second try; doubled before each further one. */
  readonly firstDelayMs: number;
  /** The longest wait. */
  readonly mostDelayMs: number;
  /** A connection that brings nothing for so long counts as cut. */
  readonly stallMs: number;
}

/** Usual values: about half a minute of trying. */
export const USUAL_RETRY: RetryPolicy = Object.freeze({
  attempts: 6,
  firstDelayMs: 500,
  mostDelayMs: 10_000,
  stallMs: 30_000,
});

/**
 * Waits before try `attempt + 1`, at least as long as the server asked for.
 * Chance is added, so that many clients do not come back at once.
 */
export async function backOff(
  policy: RetryPolicy,
  attempt: number,
  { askedMs = 0, signal }: {
    readonly askedMs?: number;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<void> {
  const doubled = policy.firstDelayMs * 2 ** (attempt - 1);
  const own = Math.min(policy.mostDelayMs, doubled) * (0.5 + Math.random() / 2);
  const wait = Math.max(own, Math.min(askedMs, 60_000));
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, wait);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
