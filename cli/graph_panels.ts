/**
 * What stands in the panels of a picture of programs.
 *
 * @module
 */

import type {
  GraphKernel,
  GraphOp,
  NamedType,
  ProgramGraph,
  TemplateGraph,
} from "../mod.ts";
import type { Panel, PanelRow } from "./graph_panel.ts";
import {
  foldedNames,
  opRows,
  segmentRows,
  showMany,
  showType,
  weightCount,
} from "./graph_rows.ts";
import { showCount, showFlops } from "./show_count.ts";
import { TONES } from "./svg.ts";

/** The segments of a program between what goes in and what comes out. */
export function programPanel(graph: ProgramGraph): Panel {
  const { inputs, states, outputs, templates } = graph;
  const { rows, brackets } = segmentRows(graph);
  const given = [
    ...foldedNames(inputs).map((each) => valueRow(each, "input")),
    ...foldedNames(states).map((each) => valueRow(each, "state")),
  ];
  return {
    title: "segments",
    fact: showMany(graph.segments.length, "segment"),
    rows: [
      ...given,
      ...rows.map(({ item }): PanelRow => ({
        name: templates[item.template]!.name,
        badge: item.template,
        detail: item.prefix,
        right: "",
        tone: TONES.frozen,
        reads: [],
        id: undefined,
      })),
      ...Object.entries(outputs).map(([name, value]): PanelRow => ({
        name,
        detail: "output",
        right: value,
        tone: TONES.trained,
        reads: [],
        id: undefined,
      })),
    ],
    brackets: brackets.map((bracket) => ({
      ...bracket,
      from: bracket.from + given.length,
      to: bracket.to + given.length,
    })),
  };
}

function valueRow(
  { names, type }: { readonly names: string; readonly type: string },
  kind: string,
): PanelRow {
  return {
    name: names,
    detail: kind,
    right: type,
    tone: TONES.plain,
    reads: [],
    id: undefined,
  };
}

/** The ops of one kind of block; with its dispatches after planning. */
export function templatePanel(template: TemplateGraph, index: number): Panel {
  const { name, inputs, outputs, flops, kernels } = template;
  const { rows, brackets } = opRows(template);
  const shown = new Map<string, string>();
  brackets.toReversed().forEach(({ from, to, times }) => {
    // Later turns of a run stand in the rows of the first one.
    const first = rows[from]!.index;
    const period = Math.max(
      ...rows.slice(from, to + 1).map(({ index }) => index),
    ) - first + 1;
    for (let turn = 1; turn < times; turn++) {
      for (let i = 0; i < period; i++) {
        shown.set(`%${first + turn * period + i}`, `%${first + i}`);
      }
    }
  });
  const refer = (reference: string): string => {
    let at = reference;
    for (let next = shown.get(at); next; next = shown.get(at)) at = next;
    return at;
  };
  const work = kernelsByOp(kernels);
  const results = new Map<string, string[]>();
  for (const [result, value] of Object.entries(outputs)) {
    const at = refer(value);
    results.set(at, [...results.get(at) ?? [], result]);
  }
  return {
    title: name,
    badge: index,
    fact: `${showMany(template.ops.length, "op")}  ·  ` +
      `${showCount(weightCount(template))} weights  ·  ${showFlops(flops)}`,
    rows: [
      ...inputs.map(inputRow),
      ...rows.map(({ item }) =>
        opRow(item, refer, {
          kernels: work.get(item.id) ?? [],
          results: results.get(item.id) ?? [],
        })
      ),
    ],
    brackets: brackets.map((bracket) => ({
      ...bracket,
      from: bracket.from + inputs.length,
      to: bracket.to + inputs.length,
    })),
  };
}

function inputRow(
  input: NamedType & { readonly kind: "input" | "state" },
): PanelRow {
  const id = `${input.kind === "state" ? "&" : "$"}${input.name}`;
  return {
    id,
    name: input.name,
    detail: input.kind,
    right: showType(input),
    tone: TONES.plain,
    reads: [],
  };
}

/** What belongs to an op's row. */
interface OpWork {
  readonly kernels: readonly GraphKernel[];
  /** Results of the template that the op makes. */
  readonly results: readonly string[];
}

function opRow(
  { id, op, operands, dtype, shape }: GraphOp,
  refer: (reference: string) => string,
  { kernels, results }: OpWork,
): PanelRow {
  const weights = operands.filter((each) => each.startsWith("@"))
    .map((each) => each.slice(1));
  const writesState = operands.some((each) => each.startsWith("&"));
  return {
    id,
    name: op,
    detail: weights.length > 1
      ? `${weights[0]} +${weights.length - 1}`
      : weights[0] ?? "",
    right: showType({ dtype, shape }),
    tone: writesState
      ? TONES.trained
      : weights.length > 0
      ? TONES.frozen
      : TONES.plain,
    reads: operands.filter((each) => /^[%$&]/.test(each)).map(refer),
    notes: kernels.map(({ name, workgroups, workgroupSize }) =>
      `${name}  ${workgroups.join("×")} groups of ${workgroupSize.join("×")}`
    ),
    ...(results.length === 0 ? {} : { result: results.join(", ") }),
  };
}

function kernelsByOp(
  kernels: readonly GraphKernel[] = [],
): Map<string, GraphKernel[]> {
  const found = new Map<string, GraphKernel[]>();
  for (const kernel of kernels) {
    found.set(kernel.of, [...found.get(kernel.of) ?? [], kernel]);
  }
  return found;
}
