/**
 * Runs the registries' ordinary clients (pip, uv, npm) to bring one archive.
 * Nothing of the package is executed: wheels only, no install scripts.
 *
 * @module
 */

import { join } from "node:path";
import type { OnBytes } from "./file_hash.ts";
import type { PackageName } from "./weights_source.ts";

/** How often the size of a download is looked at. */
const POLL_MS = 200;

/** One run of a client. */
export interface ClientRun {
  /** `"done"`, `"failed"` (worth another try), or `"absent"` for no client. */
  readonly outcome: "done" | "failed" | "absent";
  /** What the client said, or the names of the clients that are not there. */
  readonly output: string;
}

/** A way to call a client; `probe` succeeds where it exists. */
interface Client {
  readonly name: string;
  readonly probe: readonly string[];
  readonly command: readonly string[];
}

const PIP_DOWNLOAD = ["download", "--no-deps", "--only-binary=:all:"];
// What is brought is kept by us: a second copy in pip's cache is waste.
const PIP_QUIET = ["--no-cache-dir", "--progress-bar=off", "--no-input"];

const PYPI_CLIENTS: readonly Client[] = [
  ["python3", "-m", "pip"],
  ["pip3"],
  ["pip"],
  ["uv", "tool", "run", "pip"],
].map((call) => ({
  name: call.join(" "),
  probe: [...call, "--version"],
  command: [...call, ...PIP_DOWNLOAD, ...PIP_QUIET, "-d"],
}));

const NPM_CLIENTS: readonly Client[] = [{
  name: "npm",
  probe: ["npm", "--version"],
  command: ["npm", "pack", "--ignore-scripts", "--pack-destination"],
}];

/** Names of the clients that can bring a package, for messages. */
export function clientNames({ registry }: PackageName): string {
  return clientsOf(registry).map(({ name }) => name).join(", ");
}

/**
 * Asks the first client that is there to put the package's archive into the
 * empty folder `folder`. Does not throw where the client fails.
 */
export async function runPackageClient(
  wanted: PackageName,
  folder: string,
  onBytes?: OnBytes,
): Promise<ClientRun> {
  const client = await firstPresent(clientsOf(wanted.registry));
  if (client === undefined) {
    return { outcome: "absent", output: clientNames(wanted) };
  }
  const drafts = join(folder, "drafts"); // pip writes to TMPDIR first
  const into = join(folder, "archive");
  await Deno.mkdir(drafts, { recursive: true });
  await Deno.mkdir(into, { recursive: true });
  const [program = "", ...args] = client.command;
  const child = new Deno.Command(program, {
    args: [...args, into, wanted.request],
    env: { TMPDIR: drafts, PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watch = watchSize([drafts, into], onBytes);
  const [out, error, status] = await Promise.all([
    collect(child.stdout, watch.hear),
    collect(child.stderr),
    child.status,
  ]);
  await watch.stop();
  return {
    outcome: status.success ? "done" : "failed",
    output: `${client.name}: ${(error.trim() || out.trim())}`,
  };
}

function clientsOf(registry: PackageName["registry"]): readonly Client[] {
  return registry === "pypi" ? PYPI_CLIENTS : NPM_CLIENTS;
}

async function firstPresent(
  clients: readonly Client[],
): Promise<Client | undefined> {
  for (const client of clients) {
    const [program = "", ...args] = client.probe;
    try {
      const { success } = await new Deno.Command(program, {
        args,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return client;
    } catch {
      // Not on PATH: the next one may be.
    }
  }
  return undefined;
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  hear?: (text: string) => void,
): Promise<string> {
  let all = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    all += text;
    hear?.(all);
  }
  return all;
}

/**
 * Clients report no bytes to a pipe, so the files they write are measured. For
 * a moment the archive lies in both folders: the larger one counts.
 */
function watchSize(
  folders: readonly string[],
  onBytes: OnBytes | undefined,
): { hear: (text: string) => void; stop: () => Promise<void> } {
  let total = 0;
  let last = Promise.resolve();
  const report = () => {
    last = last.then(async () => {
      const bytes = Math.max(...await Promise.all(folders.map(bytesIn)));
      onBytes?.(bytes, total);
    });
  };
  const timer = onBytes && setInterval(report, POLL_MS);
  return {
    hear: (text) => {
      total = announcedBytes(text) ?? total;
    },
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

/** pip says the size once, rounded: `Downloading x.whl (92.9 MB)`. */
function announcedBytes(text: string): number | undefined {
  const [, count, unit] = /Downloading .*\(([\d.]+) ([kMG]?B|bytes)\)/
    .exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const scale = { kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1;
  return Math.round(Number(count) * scale);
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      bytes += entry.isDirectory
        ? await bytesIn(path)
        : (await Deno.stat(path)).size;
    }
  } catch {
    // The client moves its files while they are counted.
  }
  return bytes;
}
