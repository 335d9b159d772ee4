/**
 * One model in the hub's cache, in the layout that all of the hub's programs
 * share: `models--owner--name/{blobs,refs,snapshots}`. A blob has the name of
 * its hash and appears when it is whole; a snapshot is a folder of links to
 * blobs; a ref holds the commit that a branch or tag stood for.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "node:path";
import { DEFAULT_REVISION, isCommit, isInnerPath } from "./hub_name.ts";

/** A file as the hub lists it. */
export interface HubFile {
  /** Path in the repository. */
  readonly path: string;
  /** Its length. */
  readonly sizeBytes: number;
  /** Name of its blob in the cache. */
  readonly etag: string;
  /** SHA-256 of its content in hex, for large files. */
  readonly sha256: string | undefined;
  /** SHA-1 that git gives a small file, in hex. */
  readonly gitSha1: string | undefined;
}

/** Paths and files of a model in the cache. */
export class ModelCache {
  /** Folder of the whole cache. */
  readonly cacheDir: string;
  /** Name of the model, `owner/name`. */
  readonly repo: string;
  readonly #name: string;

  /** Makes nothing yet. */
  constructor(cacheDir: string, repo: string) {
    this.cacheDir = cacheDir;
    this.repo = repo;
    this.#name = ["models", ...repo.split("/")].join("--");
  }

  /** The model's folder. */
  get folder(): string {
    return join(this.cacheDir, this.#name);
  }

  /** Where a blob is once it is whole. */
  blob(etag: string): string {
    return join(this.folder, "blobs", etag);
  }

  /** The file that Python's library locks too while it brings a blob. */
  lock(etag: string): string {
    return join(this.cacheDir, ".locks", this.#name, `${etag}.lock`);
  }

  /** Folder of a commit. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** Where a commit has a file. */
  pointer(commit: string, path: string): string {
    return join(this.snapshot(commit), ...path.split("/"));
  }

  /** Whether a file's blob is there, whole by its length. */
  async hasBlob({ etag, sizeBytes }: HubFile): Promise<boolean> {
    return await sizeOf(this.blob(etag)) === sizeBytes;
  }

  /** Whether a commit's folder has a file, as link to its blob or plainly. */
  async hasLinked(commit: string, file: HubFile): Promise<boolean> {
    const pointer = this.pointer(commit, file.path);
    if (await sizeOf(pointer) !== file.sizeBytes) return false;
    const target = await Deno.readLink(pointer).catch(() => undefined);
    return target === undefined ||
      resolve(dirname(pointer), target) === this.blob(file.etag);
  }

  /** The commit that a revision stood for when it was last looked up. */
  async commitOf(
    revision: string = DEFAULT_REVISION,
  ): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const text = await textOf(join(this.folder, "refs", revision));
    const commit = text?.trim();
    return commit && isCommit(commit) ? commit : undefined;
  }

  /** Notes the commit of a branch or tag; a commit needs no note. */
  async setCommit(revision: string, commit: string): Promise<void> {
    if (await this.commitOf(revision) === commit) return;
    const path = join(this.folder, "refs", revision);
    await Deno.mkdir(dirname(path), { recursive: true });
    const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    await Deno.writeTextFile(draft, commit);
    await Deno.rename(draft, path); // readers see the old or the new one
  }

  /** Puts a blob into a commit's folder under the file's path. */
  async link(commit: string, file: HubFile): Promise<void> {
    if (await this.hasLinked(commit, file)) return;
    const pointer = this.pointer(commit, file.path);
    await Deno.mkdir(dirname(pointer), { recursive: true });
    const draft = `${pointer}.${crypto.randomUUID().slice(0, 8)}.tmp`;
    await linkOrCopy(this.blob(file.etag), draft);
    await Deno.rename(draft, pointer); // also over a link that leads nowhere
  }

  /**
   * Files of a commit by Python's note of the hub's list, which newer versions
   * of its library keep; undefined without one.
   */
  async listed(commit: string): Promise<readonly string[] | undefined> {
    const text = await textOf(join(this.folder, "trees", `${commit}.json`));
    try {
      const { format_version, files } = JSON.parse(text ?? "{}");
      if (format_version !== 1) return undefined;
      return Object.keys(files).filter(isInnerPath);
    } catch {
      return undefined; // cut short: it is only a note
    }
  }

  /** Branches and tags of which a commit was noted. */
  async revisions(): Promise<string[]> {
    return (await namesIn(join(this.folder, "refs"))).sort();
  }
}

/** Names of all models in a cache. */
export async function cachedModels(cacheDir: string): Promise<string[]> {
  return (await namesIn(cacheDir)).filter((name) => /^models--./.test(name))
    .map((name) => name.split("--").slice(1).join("/")).sort();
}

/** Length of a file, links followed; undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile ? info.size : undefined;
}

/** A link; where the file system has none, a second name, else a copy. */
async function linkOrCopy(blob: string, pointer: string): Promise<void> {
  try {
    await Deno.symlink(relative(dirname(pointer), blob), pointer);
  } catch {
    await Deno.link(blob, pointer).catch(() => Deno.copyFile(blob, pointer));
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return await Deno.readTextFile(path).catch(() => undefined);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name);
  } catch {
    return [];
  }
}
