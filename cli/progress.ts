/**
 * Shows how far a fetch is: a bar that is drawn over on a terminal, a few plain
 * lines elsewhere (a log keeps every byte that is written to it).
 *
 * @module
 */

/** One report of progress, as `fetchWeights()` gives it. */
export interface Progress {
  /** Name of the file or package. */
  readonly name: string;
  /** What is being done, e.g. `"download"`. */
  readonly stage: string;
  /** Bytes done so far in this stage. */
  readonly doneBytes: number;
  /** Bytes of the whole stage, where they are known. */
  readonly totalBytes?: number;
}

/** Where and how progress is written. */
export interface ProgressOptions {
  /** Writes text as it is; left out, to stderr. */
  readonly write?: (text: string) => void;
  /** Whether lines can be drawn over; left out, whether stderr is a terminal. */
  readonly isTerminal?: boolean;
  /** Width of the terminal in characters; left out, the terminal's own. */
  readonly columns?: number;
  /** Milliseconds now; left out, the clock's. */
  readonly now?: () => number;
}

const BAR_CHARACTERS = 24;
const REDRAW_MS = 100;
/** Off a terminal, a long stage says so this often. */
const LINE_MS = 10_000;
const CLEAR_LINE = "\r\x1b[K";

/** Gives a function that writes each report; stages may follow each other. */
export function createProgressWriter(
  options: ProgressOptions = {},
): (progress: Progress) => void {
  const isTerminal = options.isTerminal ?? Deno.stderr.isTerminal();
  return isTerminal ? drawBar(options) : writeLines(options);
}

function drawBar(options: ProgressOptions): (progress: Progress) => void {
  const { write = writeToStderr, now = Date.now } = options;
  const columns = options.columns ?? terminalColumns();
  let stage = "";
  let finished = "";
  let drawnAt = -Infinity;
  return (progress) => {
    const key = `${progress.stage} ${progress.name}`;
    const isDone = isComplete(progress);
    if (key === finished) return; // said already
    if (key === stage && !isDone && now() - drawnAt < REDRAW_MS) return;
    stage = key;
    finished = isDone ? key : "";
    drawnAt = now();
    const line = [key, bar(progress), amount(progress)].filter(Boolean).join(
      " ",
    );
    write(CLEAR_LINE + line.slice(0, columns - 1));
    if (isDone) write(progress.stage === "download" ? "\n" : CLEAR_LINE);
  };
}

function writeLines(options: ProgressOptions): (progress: Progress) => void {
  const { write = writeToStderr, now = Date.now } = options;
  let stage = "";
  let writtenAt = 0;
  let isShown = false; // verifying and unpacking only where they take long
  return (progress) => {
    const key = `${progress.stage} ${progress.name}`;
    const isDone = isComplete(progress);
    const isNew = key !== stage;
    if (isNew) {
      stage = key;
      writtenAt = now();
      isShown = progress.stage === "download" && !isDone;
    } else if (!isDone && now() - writtenAt >= LINE_MS) {
      isShown = true;
    } else if (!isDone) return;
    if (!isShown) return;
    isShown = !isDone; // a stage ends once
    writtenAt = now();
    write(`${key} ${amount(progress)}\n`);
  };
}

function isComplete({ doneBytes, totalBytes }: Progress): boolean {
  return totalBytes !== undefined && doneBytes >= totalBytes;
}

function bar({ doneBytes, totalBytes }: Progress): string {
  if (totalBytes === undefined) return "";
  const part = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const full = Math.round(part * BAR_CHARACTERS);
  return `[${"#".repeat(full)}${".".repeat(BAR_CHARACTERS - full)}]`;
}

function amount({ doneBytes, totalBytes }: Progress): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  if (totalBytes === undefined) return `${megabytes(doneBytes)} MB`;
  return `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

function writeToStderr(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
