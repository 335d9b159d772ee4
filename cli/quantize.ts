/**
 * `quantize`: a model with its matrices in another format, as a GGUF file or a
 * folder.
 *
 * @module
 */

import {
  quantize,
  type QuantizedTensor,
  type QuantizeReport,
  showBytes,
  WEIGHT_FORMATS,
  type WeightFormat,
} from "../mod.ts";
import { type Command, defineCommand, type Options } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { MODEL_OPTIONS, pluginsOf, progressTo } from "./model_options.ts";
import { alignRows } from "./table.ts";

const OPTIONS = {
  to: {
    type: "text",
    value: "TYPE",
    help: "Format of matrices",
    choices: WEIGHT_FORMATS,
    isRequired: true,
  },
  embedding: {
    type: "text",
    value: "TYPE",
    help: "Format of embedding and head: by default as --to, at least q8_0",
    choices: WEIGHT_FORMATS,
  },
  keep: {
    type: "texts",
    value: "PATTERN",
    help: "Names of tensors that stay as they are, e.g. 'vision/*'",
  },
  force: { type: "flag", help: "Replace what was quantised there before" },
  weights: MODEL_OPTIONS.weights,
  plugin: MODEL_OPTIONS.plugin,
  json: { type: "flag", help: "Write a JSON object" },
} as const satisfies Options;

/** The command. */
export const quantizeCommand: Command = defineCommand({
  name: "quantize",
  summary: "Write a model with its matrices in another format",
  positional: {
    name: "IN OUT",
    help: "the model, as --model names it elsewhere, and what is written: a " +
      ".gguf file (language models) or a folder (any model)",
    count: 2,
  },
  options: OPTIONS,
  examples: [
    "quantize rookery-small small-q8 --to q8_0",
    "quantize llama-folder llama.gguf --to q4_1 --embedding f16",
  ],
  async run({ positionals: [model, out], options }, output) {
    const { to, embedding, keep, force, weights } = options;
    const report = await quantize(model!, out!, {
      to: to as WeightFormat,
      ...(embedding === undefined
        ? {}
        : { embedding: embedding as WeightFormat }),
      keep,
      force,
      plugins: await pluginsOf(options),
      ...(weights === undefined ? {} : { weightsDir: weights }),
      onProgress: progressTo(output),
    });
    output.write(
      options.json ? `${JSON.stringify(jsonOf(report))}\n` : textOf(report),
    );
    return EXIT.done;
  },
});

/** Tensors of one way from format to format. */
interface Group {
  readonly from: string;
  readonly to: string;
  readonly note: string;
  readonly tensors: readonly QuantizedTensor[];
}

function groupsOf({ tensors }: QuantizeReport): Group[] {
  const groups = Map.groupBy(
    tensors,
    ({ from, to, note = "" }) => JSON.stringify([from, to, note]),
  );
  return [...groups.values()].map((own) => {
    const { from, to, note = "" } = own[0]!;
    return { from, to, note, tensors: own };
  });
}

function bytesOf(
  { tensors }: Group,
  key: "bytesBefore" | "bytesAfter",
): number {
  return tensors.reduce((sum, tensor) => sum + tensor[key], 0);
}

function jsonOf(report: QuantizeReport): unknown {
  const { out, container, tensors, bytesBefore, bytesAfter } = report;
  return {
    out,
    container,
    bytesBefore,
    bytesAfter,
    ratio: bytesAfter / bytesBefore,
    types: groupsOf(report).map((group) => ({
      from: group.from,
      to: group.to,
      ...(group.note === "" ? {} : { note: group.note }),
      tensors: group.tensors.length,
      bytesBefore: bytesOf(group, "bytesBefore"),
      bytesAfter: bytesOf(group, "bytesAfter"),
    })),
    tensors,
  };
}

function textOf(report: QuantizeReport): string {
  const { out, container, tensors, bytesBefore, bytesAfter } = report;
  const rows = groupsOf(report).map((group) => [
    `${group.from} → ${group.to}`,
    String(group.tensors.length),
    showBytes(bytesOf(group, "bytesBefore")),
    showBytes(bytesOf(group, "bytesAfter")),
    group.note,
  ]);
  const sums = [
    "all",
    String(tensors.length),
    showBytes(bytesBefore),
    showBytes(bytesAfter),
    `${(bytesAfter / bytesBefore).toFixed(3)} of the bytes before`,
  ];
  const head = ["format", "tensors", "before", "after", ""];
  return [
    `${out} (${container === "gguf" ? "GGUF file" : "folder"})`,
    ...alignRows([head, ...rows, sums], { right: [1, 2, 3] }),
    "",
  ].join("\n");
}
