/**
 * What the tests want to know of a Markdown file: its code blocks, links, and
 * the tasks and commands that it tells a reader to type.
 *
 * @module
 */

/** A fenced block of code. */
export interface CodeBlock {
  /** What stands after the fence, e.g. `"ts"`. */
  readonly info: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  /** The code. */
  readonly code: string;
}

/** A task that a reader is told to run. */
export interface Task {
  /** Name of the task, e.g. `"rookery"`. */
  readonly name: string;
  /** Words after it; `caption` in `deno task rookery caption`. */
  readonly words: readonly string[];
}

/** Fenced blocks, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; code: string[] } | undefined;
  markdown.split("\n").forEach((text, i) => {
    const [, fence] = /^```(.*)$/.exec(text) ?? [];
    if (fence === undefined) open?.code.push(text);
    else if (open) {
      blocks.push({ ...open, code: open.code.join("\n") });
      open = undefined;
    } else open = { info: fence.trim(), line: i + 1, code: [] };
  });
  return blocks;
}

/** Tasks that the text names by `deno task` or `npx -y deno@… task`. */
export function tasksOf(markdown: string): Task[] {
  const form = /\bdeno(?:@[\d.]+)? task ([a-z][a-z:_-]*)([^\n`#|]*)/g;
  return [...markdown.matchAll(form)].map(([, name = "", rest = ""]) => ({
    name,
    words: rest.trim().split(/\s+/).filter(Boolean),
  }));
}

/** Targets of links to files of the project. */
export function fileLinks(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}
