/**
 * Results as JSON lines in a file that a second run goes on with: each line is
 * on the disk before the next piece of work begins.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";

/** A result line as it is kept. */
export type ResultLine = Readonly<Record<string, unknown>>;

/** How each line begins. */
const BEGIN = '{"key":"';

/** The file of a run. */
export class ResultsFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #run: string;
  readonly #done: ReadonlyMap<string, ResultLine>;

  private constructor(
    file: Deno.FsFile,
    run: string,
    done: ReadonlyMap<string, ResultLine>,
  ) {
    this.#file = file;
    this.#run = run;
    this.#done = done;
  }

  /**
   * Opens or makes the file. Half a line at its end, which a killed run left,
   * goes; so do lines of failures, which are tried again.
   *
   * @param run what tells this run's settings from others
   * @throws {RookeryError} `file` for one that cannot be written, that holds
   * something else, or results of other settings
   */
  static async open(path: string, run: string): Promise<ResultsFile> {
    try {
      const text = await Deno.readTextFile(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound) return "";
        throw error;
      });
      const lines = keptLines(text, path, run);
      const kept = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      if (kept !== text) {
        // A run that is killed here leaves the old file whole.
        const next = `${path}.next`;
        await Deno.writeTextFile(next, kept);
        await Deno.rename(next, path);
      }
      const file = await Deno.open(path, { append: true, create: true });
      const done = new Map(
        lines.map((line) => [String(line["key"]), line]),
      );
      return new ResultsFile(file, run, done);
    } catch (cause) {
      if (cause instanceof RookeryError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RookeryError(
        "file",
        `Cannot write results to ${path} as ${reason}: check the path`,
        { path, cause },
      );
    }
  }

  /** Whether a result of that key is there from before. */
  has(key: string): boolean {
    return this.#done.has(key);
  }

  /** A result from before. */
  lineOf(key: string): ResultLine | undefined {
    return this.#done.get(key);
  }

  /** How many results were there from before. */
  get found(): number {
    return this.#done.size;
  }

  /** Adds a result; it is on the disk when this returns. */
  append(key: string, line: ResultLine): void {
    const text = `${JSON.stringify({ key, run: this.#run, ...line })}\n`;
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) {
      at += this.#file.writeSync(bytes.subarray(at));
    }
    this.#file.syncSync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Whole lines of results of this run. */
function keptLines(text: string, path: string, run: string): ResultLine[] {
  const kept: ResultLine[] = [];
  const lines = text.split("\n");
  const half = lines.pop()!;
  // What else ends in the middle of a line is not ours to cut.
  const isOurs = half.startsWith(BEGIN) || BEGIN.startsWith(half);
  if (!isOurs) lines.push(half);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const value = parsed(line);
    const reason = typeof value?.["key"] !== "string"
      ? "it is no result of this program"
      : value["run"] !== run
      ? "it was written with another command, model or other options"
      : undefined;
    if (reason !== undefined) {
      throw new RookeryError(
        "file",
        `Cannot go on with ${path}:${i + 1} as ${reason}: name another file, ` +
          "or remove it",
        { path },
      );
    }
    if (value!["error"] === undefined) kept.push(value!);
  }
  return kept;
}

function parsed(line: string): ResultLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null
      ? value as ResultLine
      : undefined;
  } catch {
    return undefined;
  }
}
