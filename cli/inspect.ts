/**
 * `inspect`: what a weights file holds. Nothing of it is ever run.
 *
 * @module
 */

import {
  builtinPlugins,
  Catalog,
  type Checkpoint,
  openWith,
  showBytes,
} from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { alignRows } from "./table.ts";

/** Longer lists of metadata, e.g. vocabularies, are shown by their start. */
const MOST_ITEMS = 8;

/** The command. */
export const inspectCommand: Command = defineCommand({
  name: "inspect",
  summary: "List tensors and metadata of a weights file or folder",
  positional: {
    name: "WEIGHTS",
    help: "Safetensors, GGUF, torch or npz file, or a folder of them",
  },
  options: { json: { type: "flag", help: "Write a JSON object" } },
  examples: ["inspect model.gguf", "inspect folder --json"],
  async run({ positionals, options }, output) {
    const readers = await new Catalog(builtinPlugins()).readers();
    using checkpoint = await openWith(readers, positionals[0]!);
    const report = reportOf(checkpoint);
    output.write(
      options.json ? `${JSON.stringify(report)}\n` : textOf(report),
    );
    return EXIT.done;
  },
});

/** What `inspect --json` writes. */
interface Report {
  readonly path: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly format: string;
    readonly bytes: number;
  }[];
  readonly totals: {
    readonly tensors: number;
    readonly parameters: number;
    readonly bytes: number;
    readonly formats: Readonly<Record<string, number>>;
  };
}

function reportOf({ path, metadata, tensors }: Checkpoint): Report {
  const rows = [...tensors.values()].map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    format: tensor.format,
    bytes: tensor.sizeBytes,
  }));
  const formats: Record<string, number> = {};
  for (const { format } of rows) formats[format] = (formats[format] ?? 0) + 1;
  const parameters = rows.reduce(
    (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
    0,
  );
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return {
    path,
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [key, shortened(value)]),
    ),
    tensors: rows,
    totals: { tensors: rows.length, parameters, bytes, formats },
  };
}

/** A value that JSON can hold; of long lists their length and start. */
function shortened(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (ArrayBuffer.isView(value)) {
    return shortened(Array.from(value as unknown as ArrayLike<unknown>));
  }
  if (Array.isArray(value)) {
    const first = value.slice(0, MOST_ITEMS).map(shortened);
    const isShort = value.length <= MOST_ITEMS;
    return isShort ? first : { length: value.length, first };
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shortened(item)]),
  );
}

function textOf({ path, metadata, tensors, totals }: Report): string {
  const rows = tensors.map(({ name, shape, format, bytes }) => [
    name,
    `[${shape.join(", ")}]`,
    format,
    showBytes(bytes),
  ]);
  const facts = Object.entries(metadata)
    .map(([key, value]) => [key, showFact(value)]);
  const formats = Object.entries(totals.formats)
    .map(([format, count]) => `${count} ${format}`).join(", ");
  return [
    path,
    "",
    ...(facts.length === 0 ? [] : [...alignRows(facts), ""]),
    ...alignRows([["tensor", "shape", "format", "size"], ...rows], {
      right: [3],
    }),
    "",
    `${totals.tensors} tensors (${formats || "none"}), ` +
    `${totals.parameters} parameters, ${showBytes(totals.bytes)}`,
    "",
  ].join("\n");
}

/** A fact on one line of at most 100 characters. */
function showFact(value: unknown): string {
  const text = typeof value === "string"
    ? value.replaceAll(/\s+/g, " ")
    : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
