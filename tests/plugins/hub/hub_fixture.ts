/**
 * Pulls from a hub on this machine into a temporary cache.
 *
 * @module
 */

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { RookeryError } from "../../../core/errors.ts";
import { type PulledModel, pullModel } from "../../../plugins/hub/mod.ts";
import type { PullOptions } from "../../../plugins/hub/mod.ts";
import { HubServer, REPO } from "./hub_server.ts";

/** Waits that a test can bear. */
export const QUICK_RETRY = {
  attempts: 3,
  firstDelayMs: 1,
  mostDelayMs: 2,
  stallMs: 300,
};

/** A hub, a cache, and pulls from one into the other. */
export class HubFixture implements AsyncDisposable {
  readonly hub: HubServer;
  readonly cacheDir: string = Deno.makeTempDirSync({ prefix: "hub-cache-" });

  constructor(files: Readonly<Record<string, Uint8Array | string>>) {
    this.hub = new HubServer(files);
  }

  /** Options that name this hub and this cache, and no token. */
  get options(): PullOptions {
    return {
      hubCacheDir: this.cacheDir,
      endpoint: this.hub.endpoint,
      token: "",
      isOffline: false,
      retry: QUICK_RETRY,
    };
  }

  /** The folder of the model in the cache. */
  get folder(): string {
    return join(this.cacheDir, `models--${REPO.replace("/", "--")}`);
  }

  pull(options: PullOptions = {}, revision = "main"): Promise<PulledModel> {
    return pullModel({ hub: REPO, revision }, { ...this.options, ...options });
  }

  /** The error of a pull that must fail. */
  async failure(
    options: PullOptions = {},
    revision = "main",
  ): Promise<RookeryError> {
    const result = await this.pull(options, revision).catch((e) => e);
    if (result instanceof Error) return result as RookeryError;
    throw new Error("the pull did not fail");
  }

  /** Files and links of the model's folder, those in `only`. */
  tree(only = ""): string[] {
    return walk(this.folder).map((path) => relative(this.folder, path))
      .filter((path) => path.startsWith(only)).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await Deno.remove(this.cacheDir, { recursive: true });
  }
}

/** All files and links below a folder. */
export function walk(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory ? walk(path) : [path];
    });
  } catch {
    return [];
  }
}

/** What a child process is to do. */
export interface ChildOrder {
  readonly options: PullOptions;
  /** Kills itself when so many bytes are there. */
  readonly dieAtBytes?: number;
  /** Fills this folder's disk at the first byte. */
  readonly fill?: string;
}

/** What a child process did. */
export interface ChildResult {
  readonly pulled?: PulledModel;
  readonly error?: string;
  readonly code?: string;
}

/**
 * Pulls in a process of its own. `setup` is shell text that runs before it in
 * the same shell, e.g. to set limits; `shell` is the command that runs the shell.
 */
export async function pullInChild(
  order: ChildOrder,
  { setup = ":", shell = ["sh"] }: {
    readonly setup?: string;
    readonly shell?: readonly string[];
  } = {},
): Promise<ChildResult> {
  const child = fileURLToPath(import.meta.resolve("./pull_child.ts"));
  const [program = "sh", ...args] = shell;
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [
      ...args,
      "-c",
      `${setup}\nexec "$0" "$@"`,
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      child,
      JSON.stringify(order),
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  if (text !== "") return JSON.parse(text) as ChildResult;
  return { error: new TextDecoder().decode(stderr), code: "died" };
}
