/**
 * What a command works on: pictures, folders and globs of them, and lists as
 * JSON lines or CSV.
 *
 * @module
 */

import { globSync } from "node:fs";
import { extname, join } from "node:path";
import { type Query, RookeryError } from "../mod.ts";
import { isVideoPath, type VideoOf } from "./video_options.ts";
import { parseCsv } from "./parse_csv.ts";
import { picturePath } from "./picture_path.ts";
import { badItem, readJsonLines, readTextFile } from "./read_json_lines.ts";

/** One piece of work. */
export interface BatchRow {
  /** The picture, as it was named. */
  readonly name: string;
  /** Its path, and the question where the row has one. */
  readonly query: Query & { readonly image: string };
  /** What a list says beside picture and question, kept in results. */
  readonly given: Readonly<Record<string, unknown>>;
  /** `FILE:LINE` of a list. */
  readonly place?: string;
  /** Why it cannot be worked on. */
  readonly error?: RookeryError;
}

/** What holds for all rows. */
export interface RowOptions {
  /** The question of rows that have none. */
  readonly question?: string | undefined;
  /** Tells videos from pictures. Default all are pictures. */
  readonly video?: VideoOf | undefined;
}

/** Help for what stands on the command line. */
export const ROWS_HELP =
  "Picture, folder or glob of them, or list: .jsonl or .csv with a column image";

const PICTURES = [".png", ".jpg", ".jpeg", ".webp", ".gif"];

/**
 * Rows of what is named, in order. A row of a list that cannot be used is there
 * with its error, so that the rest goes on.
 *
 * @throws {RookeryError} `file` for a list that cannot be read, a folder or glob
 * without pictures; `prompt` for a list whose lines are no rows at all
 */
export async function readRows(
  words: readonly string[],
  common: RowOptions = {},
): Promise<BatchRow[]> {
  const rows: BatchRow[] = [];
  for (const word of words) {
    for (const row of await rowsOf(word)) rows.push(completed(row, common));
  }
  return rows;
}

async function rowsOf(word: string): Promise<BatchRow[]> {
  const info = await Deno.stat(word).catch(() => undefined);
  if (info?.isDirectory) return picturesOf(word, join(word, "**", "*"));
  if (info === undefined && /[*?{[]/.test(word)) return picturesOf(word, word);
  const kind = extname(word).toLowerCase();
  if (kind === ".jsonl") return await listed(await readJsonLines(word), word);
  if (kind === ".csv") {
    return await listed(parseCsv(await readTextFile(word), word), word);
  }
  return [{ name: word, query: { image: word }, given: {} }];
}

/** Pictures of a pattern, by name. */
function picturesOf(word: string, pattern: string): BatchRow[] {
  const paths = globSync(pattern)
    .filter((path) =>
      PICTURES.includes(extname(path).toLowerCase()) || isVideoPath(path)
    ).sort();
  if (paths.length > 0) {
    return paths.map((path) => ({
      name: path,
      query: { image: path },
      given: {},
    }));
  }
  throw new RookeryError(
    "file",
    `Cannot find pictures in ${word} as none ends in ${PICTURES.join(", ")}: ` +
      "check the path",
    { path: word },
  );
}

async function listed(
  lines: readonly {
    readonly value: Readonly<Record<string, unknown>>;
    readonly place: string;
  }[],
  file: string,
): Promise<BatchRow[]> {
  const rows: BatchRow[] = [];
  for (const { value, place } of lines) {
    const { image, question, ...given } = value;
    const name = typeof image === "string" ? image : place;
    try {
      const path = await picturePath(image, { file, place });
      if (question !== undefined && typeof question !== "string") {
        throw badItem(
          place,
          `"question" is ${JSON.stringify(question)}: it must be a text`,
        );
      }
      const query = question === undefined
        ? { image: path }
        : { image: path, question };
      rows.push({ name, query, given, place });
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      rows.push({ name, query: { image: name }, given, place, error });
    }
  }
  if (rows.length > 0) return rows;
  throw new RookeryError(
    "prompt",
    `Cannot use ${file} as it holds no rows: write one picture a line`,
    { path: file },
  );
}

/** A row with what the command line says of it. */
function completed(
  row: BatchRow,
  { question, video }: RowOptions,
): BatchRow {
  const { query } = row;
  const asked = query.question ?? question;
  const shown = video?.(query.image);
  return {
    ...row,
    query: {
      ...query,
      ...(asked === undefined ? {} : { question: asked }),
      ...(shown === undefined ? {} : { video: shown }),
    },
  };
}
