/**
 * Takes wanted members out of a wheel (zip) or an npm tarball (tar.gz) without
 * ever holding more than a few chunks of them.
 *
 * @module
 */

import { isAbsolute, join, normalize, resolve } from "node:path";
import { Unzip, UnzipPassThrough } from "fflate";
import { RookeryError } from "../../core/errors.ts";
import { MemberWriter, selectiveInflate } from "./unzip_member.ts";

const CHUNK_BYTES = 1 << 18;

/** What to take and where to put it. */
export interface UnpackOptions {
  /** Tells whether a member is wanted, by its path in the package. */
  readonly wants: (name: string) => boolean;
  /** Folder to write into; members keep their paths below it. */
  readonly into: string;
  /** Hears how many bytes of the archive are done, where that is known. */
  readonly onBytes?: (doneBytes: number, totalBytes: number) => void;
}

/** Unpacks the wanted members of `archive`; returns their names, sorted. */
export async function unpackArchive(
  archive: string,
  options: UnpackOptions,
): Promise<string[]> {
  await Deno.mkdir(options.into, { recursive: true });
  const names = /\.(tgz|tar\.gz)$/.test(archive)
    ? await unpackTar(archive, options)
    : await unpackZip(archive, options);
  return names.sort();
}

async function unpackZip(
  archive: string,
  { wants, into, onBytes }: UnpackOptions,
): Promise<string[]> {
  const isWanted = (name: string) => !name.endsWith("/") && wants(name);
  const writers: MemberWriter[] = [];
  const unzip = new Unzip((member) => {
    const writer = isWanted(member.name)
      ? new MemberWriter(safePath(archive, member.name, into), member.name)
      : undefined;
    if (writer) writers.push(writer);
    member.ondata = (error, chunk, isLast) => {
      if (error) throw cannotUnpack(archive, error);
      writer?.write(chunk, isLast);
    };
    member.start();
  });
  unzip.register(UnzipPassThrough);
  unzip.register(selectiveInflate(isWanted));
  try {
    await pushFile(archive, unzip, onBytes);
  } catch (error) {
    throw error instanceof RookeryError ? error : cannotUnpack(archive, error);
  } finally {
    for (const writer of writers) writer.close();
  }
  const cut = writers.find(({ isComplete }) => !isComplete);
  if (cut) throw cannotUnpack(archive, `member ${cut.name} is cut short`);
  return writers.map(({ name }) => name);
}

async function pushFile(
  archive: string,
  unzip: Unzip,
  onBytes: UnpackOptions["onBytes"],
): Promise<void> {
  using file = await Deno.open(archive);
  const { size } = await file.stat();
  for (let done = 0; done < size;) {
    // A new buffer each time: the library keeps parts of the last one.
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await file.read(chunk) ?? 0;
    if (count === 0) break;
    done += count;
    unzip.push(chunk.subarray(0, count), done >= size);
    onBytes?.(done, size);
  }
}

/** tar is on every system that has npm; it is given the names to take. */
async function unpackTar(
  archive: string,
  { wants, into }: UnpackOptions,
): Promise<string[]> {
  const listed = (await runTar(archive, ["-tzf", archive])).split("\n");
  const inner = (name: string) => name.replace(/^[^/]*\//, "");
  const wanted = listed.filter((name) =>
    name !== "" && !name.endsWith("/") && wants(inner(name))
  );
  for (const name of wanted) safePath(archive, inner(name), into);
  if (wanted.length === 0) return [];
  const list = `${into}.names`;
  await Deno.writeTextFile(list, wanted.join("\n") + "\n");
  try {
    const strip = "--strip-components=1"; // npm puts all under package/
    await runTar(archive, ["-xzf", archive, "-C", into, strip, "-T", list]);
  } finally {
    await Deno.remove(list);
  }
  return wanted.map(inner);
}

async function runTar(archive: string, args: string[]): Promise<string> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("tar", {
      args,
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    if (success) return text.decode(stdout);
    throw cannotUnpack(archive, text.decode(stderr).trim());
  } catch (error) {
    throw error instanceof RookeryError ? error : cannotUnpack(archive, error);
  }
}

/** A member must land below `into`, whatever its name says. */
function safePath(archive: string, name: string, into: string): string {
  const path = normalize(name);
  if (isAbsolute(path) || path.startsWith("..") || name.includes("\\")) {
    throw cannotUnpack(archive, `member "${name}" points outside of it`);
  }
  return resolve(join(into, path));
}

function cannotUnpack(archive: string, cause: unknown): RookeryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RookeryError(
    "file",
    `Cannot unpack ${archive} as it is no readable archive: ${reason}; remove it, so that it is brought again`,
    { path: archive, cause },
  );
}
