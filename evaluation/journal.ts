/**
 * Answers on disk, one JSON object a line, appended batch by batch: a run that
 * was ended goes on where the last whole line stands.
 *
 * @module
 */

import { dirname } from "node:path";
import { RookeryError } from "../mod.ts";

/** What a model gave for one query. */
export interface Answer {
  /** A text that it wrote. */
  readonly text?: string;
  /** Mean log-likelihood a token of each choice. */
  readonly scores?: readonly number[];
  /** The same with another picture. */
  readonly shuffledScores?: readonly number[];
}

/** Answers by key, and the file that they are appended to. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #answers: Map<string, Answer>;

  private constructor(file: Deno.FsFile, answers: Map<string, Answer>) {
    this.#file = file;
    this.#answers = answers;
  }

  /**
   * Opens a file, made when absent, and reads what is there. A last line that
   * was cut short is taken away. Throws a `file` error where a line is no
   * answer.
   */
  static async open(path: string): Promise<Journal> {
    await Deno.mkdir(dirname(path), { recursive: true });
    const file = await Deno.open(path, {
      create: true,
      read: true,
      append: true,
    });
    try {
      const text = await Deno.readTextFile(path);
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      const bytes = new TextEncoder().encode(whole).length;
      if (whole !== text) await file.truncate(bytes);
      return new Journal(file, readAnswers(path, whole));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The answer of a key, where there is one. */
  get(key: string): Answer | undefined {
    return this.#answers.get(key);
  }

  /** Whether a key has its answer. */
  has(key: string): boolean {
    return this.#answers.has(key);
  }

  /** Keeps answers; they are on disk when this returns. */
  add(entries: readonly (readonly [string, Answer])[]): void {
    const lines = entries.map(([key, answer]) =>
      JSON.stringify({ key, ...answer }) + "\n"
    );
    const bytes = new TextEncoder().encode(lines.join(""));
    for (let at = 0; at < bytes.length;) {
      at += this.#file.writeSync(bytes.subarray(at));
    }
    this.#file.syncDataSync();
    for (const [key, answer] of entries) this.#answers.set(key, answer);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function readAnswers(path: string, text: string): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    const { key, ...answer } = parseLine(line, `${path}:${i + 1}`);
    answers.set(key, answer);
  }
  return answers;
}

function parseLine(
  line: string,
  place: string,
): Answer & { readonly key: string } {
  try {
    const value = JSON.parse(line);
    if (typeof value?.key === "string") return value;
  } catch {
    // Told below, as for a value of another form.
  }
  throw new RookeryError(
    "file",
    `Cannot go on from ${place} as the line is no answer of an evaluation: ` +
      "remove the line, or choose another folder by --out",
    { path: place, actual: line.slice(0, 80) },
  );
}
