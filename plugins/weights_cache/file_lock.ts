/**
 * Keeps two processes from bringing the same package at once. The lock is the
 * kernel's: it ends with its process, however that ends, so none can go stale.
 *
 * @module
 */

import { dirname } from "node:path";

/**
 * Runs `work` while holding a lock on the file `path`, which is made when
 * absent and stays. `work` hears whether the lock is really held: some network
 * file systems have none, and then private names must keep processes apart.
 */
export async function withFileLock<T>(
  path: string,
  work: (isHeld: boolean) => Promise<T>,
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true });
  const isHeld = await lock(file);
  try {
    return await work(isHeld);
  } finally {
    if (isHeld) await file.unlock();
  }
}

async function lock(file: Deno.FsFile): Promise<boolean> {
  try {
    await file.lock(true);
    return true;
  } catch {
    return false;
  }
}
