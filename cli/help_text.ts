/**
 * Help pages, made of the commands' definitions.
 *
 * @module
 */

import { type Command, type Option, optionName } from "./command.ts";
import { alignRows } from "./table.ts";

/** How the program is called in help pages. */
const PROGRAM = "deno task rookery";

/** The page that lists all commands. */
export function helpOfAll(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary]);
  return [
    `Usage: ${PROGRAM} COMMAND …`,
    "",
    "Reads pictures and text with a Flamingo model, on WebGPU.",
    "",
    "Commands:",
    ...alignRows([...rows, ["help", "List the commands"]]).map(indent),
    "",
    `${PROGRAM} COMMAND --help explains one. Exit codes: 0 done, 1 failed, ` +
    "2 wrong usage.",
    "",
  ].join("\n");
}

/** The page of one command. */
export function helpOf(command: Command): string {
  const { name, summary, positional, options, examples } = command;
  const entries = Object.entries(options);
  const required = entries.filter(([, { isRequired }]) => isRequired)
    .map(([key, option]) => synopsisOf(key, option));
  const list = positional?.isList ? "…" : "";
  const words = positional ? [positional.name + list] : [];
  const rows = entries.map(([key, option]) => [
    synopsisOf(key, option),
    explain(option),
  ]);
  return [
    `Usage: ${[PROGRAM, name, ...words, ...required, "[OPTIONS]"].join(" ")}`,
    "",
    `${summary}.`,
    ...(positional ? ["", `  ${positional.name}  ${positional.help}`] : []),
    "",
    "Options:",
    ...alignRows([...rows, ["--help", "Show this page"]]).map(indent),
    "",
    "Examples:",
    ...examples.map((example) => `  ${PROGRAM} ${example}`),
    "",
  ].join("\n");
}

function synopsisOf(key: string, { type, value = "VALUE" }: Option): string {
  return `--${optionName(key)}${type === "flag" ? "" : ` ${value}`}`;
}

function explain(option: Option): string {
  const { help, type, choices, isRequired, alias } = option;
  const notes = [
    ...(alias === undefined ? [] : [`--${alias} for short`]),
    ...(choices ? [`one of ${choices.join(", ")}`] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(type === "texts" ? ["may be repeated"] : []),
    ...(isRequired ? ["required"] : []),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join("; ")})`;
}

function indent(line: string): string {
  return `  ${line}`;
}
