/**
 * Programs as text: segments, templates, ops; after planning the dispatches.
 *
 * @module
 */

import {
  type GraphKernel,
  type ProgramGraph,
  showBytes,
  type TemplateGraph,
} from "../mod.ts";
import type { FoldedRows } from "./fold_repeats.ts";
import {
  foldedNames,
  opRows,
  segmentRows,
  showMany,
  showType,
  weightCount,
} from "./graph_rows.ts";
import { showCount, showFlops } from "./show_count.ts";
import { alignRows } from "./table.ts";

/** A program in lines. */
export function graphText(graph: ProgramGraph): string {
  const { name, segments, templates, flops } = graph;
  return [
    `program ${name}: ${showMany(segments.length, "segment")} of ` +
    `${showMany(templates.length, "template")}, ${showFlops(flops)}`,
    ...planLines(graph),
    ...indented(valueLines(graph)),
    "",
    ...indented(segmentLines(graph)),
    ...templates.flatMap((template, i) => ["", ...templateLines(template, i)]),
    "",
  ].join("\n");
}

function planLines({ plan }: ProgramGraph): string[] {
  if (plan === undefined) return [];
  const memory = Object.entries(plan.memory)
    .map(([kind, bytes]) => `${kind} ${showBytes(bytes)}`).join(", ");
  return [
    `  planned for ${plan.device} with matrices in ${plan.layout}: ` +
    `${plan.dispatches} dispatches`,
    `  memory: ${memory}`,
  ];
}

function valueLines({ inputs, states, outputs }: ProgramGraph): string[] {
  const rows = (kind: string, types: typeof inputs) =>
    foldedNames(types).map(({ names, type }) => [kind, names, type]);
  return alignRows([
    ...rows("input", inputs),
    ...rows("state", states),
    ...Object.entries(outputs).map(([name, value]) => ["output", name, value]),
  ]);
}

function segmentLines(graph: ProgramGraph): string[] {
  const { templates } = graph;
  return foldedLines(segmentRows(graph), ({ template, prefix, inputs }) => {
    const given = Object.entries(inputs)
      .map(([name, value]) =>
        value.slice(1) === name ? value : `${name}=${value}`
      );
    return [
      `[${template}]`,
      templates[template]!.name,
      prefix,
      given.join(" "),
    ];
  });
}

function templateLines(template: TemplateGraph, index: number): string[] {
  const { name, inputs, ops, outputs, flops, kernels } = template;
  const results = Object.entries(outputs)
    .map(([name, value]) => `${name}=${value}`).join(", ");
  return [
    `template [${index}] ${name}: ${showMany(ops.length, "op")}, ` +
    `${showCount(weightCount(template))} weights, ${showFlops(flops)}`,
    ...indented(alignRows(inputs.map((input) => [
      input.kind,
      (input.kind === "state" ? "&" : "$") + input.name,
      showType(input),
    ]))),
    ...indented(foldedLines(opRows(template), (op) => [
      op.id,
      op.op,
      op.operands.join(" "),
      showType(op),
      op.label === undefined ? "" : `"${op.label}"`,
    ])),
    `  → ${results}`,
    ...kernels === undefined ? [] : ["  dispatches", ...kernelLines(kernels)],
  ];
}

function kernelLines(kernels: readonly GraphKernel[]): string[] {
  const rows = kernels.map(
    ({ name, of, workgroups, workgroupSize, bindings }) => [
      of,
      name,
      `${workgroups.join("×")} groups of ${workgroupSize.join("×")}`,
      bindings.map(({ name, place, bytes, isWritten }) =>
        `${name}${isWritten ? "←" : "="}${place}` +
        (bytes === null ? "" : ` (${showBytes(bytes)})`)
      ).join(", "),
    ],
  );
  return indented(indented(alignRows(rows)));
}

/** Aligned rows, those of a run deeper and below how often it comes. */
function foldedLines<Item>(
  { rows, brackets }: FoldedRows<Item>,
  cellsOf: (item: Item) => string[],
): string[] {
  const cells = rows.map(({ item, depth }) => {
    const [first, ...rest] = cellsOf(item);
    return ["  ".repeat(depth) + first, ...rest];
  });
  const aligned = alignRows(cells);
  return aligned.flatMap((line, i) => [
    ...brackets.filter(({ from }) => from === i)
      .map(({ times, depth }) => `${"  ".repeat(depth)}× ${times}`),
    line,
  ]);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
