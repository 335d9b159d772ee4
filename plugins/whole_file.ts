/**
 * Files that are there whole or not at all.
 *
 * @module
 */

/**
 * Writes a file beside its place, brings it to the disk, and moves it there, so
 * that neither a reader nor a loss of power ever sees half of it. When `write`
 * fails, an older file stays as it was.
 */
export async function writeWhole(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  const partial = `${path}.${crypto.randomUUID()}.partial`;
  try {
    await writeSynced(partial, write);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
}

async function writeSynced(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await write(file);
  await file.sync();
}

/** Writes all of some bytes; a single call of the system may take fewer. */
export async function writeBytes(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
}
