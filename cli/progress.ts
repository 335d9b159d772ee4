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
/** The rate is that of the last so many milliseconds. */
const RATE_MS = 15_000;
/** A shorter time says little about a rate. */
const LEAST_RATE_MS = 1_000;

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
  const pace = createPace(now);
  return (progress) => {
    const key = `${progress.stage} ${progress.name}`;
    const speed = pace(key, progress);
    const isDone = isComplete(progress);
    if (key === finished) return; // said already
    if (key === stage && !isDone && now() - drawnAt < REDRAW_MS) return;
    stage = key;
    finished = isDone ? key : "";
    drawnAt = now();
    const tail = amount(progress) + speed;
    write(CLEAR_LINE + fitted([key, bar(progress), tail], columns - 1));
    if (isDone) write(progress.stage === "download" ? "\n" : CLEAR_LINE);
  };
}

function writeLines(options: ProgressOptions): (progress: Progress) => void {
  const { write = writeToStderr, now = Date.now } = options;
  let stage = "";
  let writtenAt = 0;
  let isShown = false; // verifying and unpacking only where they take long
  const pace = createPace(now);
  return (progress) => {
    const key = `${progress.stage} ${progress.name}`;
    const speed = pace(key, progress);
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
    write(`${key} ${amount(progress)}${speed}\n`);
  };
}

/** Gives a function that tells a download's rate and time left, in words. */
function createPace(
  now: () => number,
): (key: string, progress: Progress) => string {
  let stage = "";
  let seen: { readonly at: number; readonly bytes: number }[] = [];
  return (key, { stage: kind, doneBytes, totalBytes }) => {
    if (kind !== "download") return "";
    if (key !== stage) [stage, seen] = [key, []];
    const at = now();
    const last = seen.at(-1);
    if (last === undefined || at - last.at >= REDRAW_MS) {
      seen.push({ at, bytes: doneBytes });
    }
    while (seen.length > 1 && at - seen[1]!.at >= RATE_MS) seen.shift();
    const [first] = seen;
    const ms = at - first!.at;
    const rate = (doneBytes - first!.bytes) / ms * 1000; // bytes a second
    if (ms < LEAST_RATE_MS || rate <= 0) return "";
    const left = totalBytes === undefined ? 0 : totalBytes - doneBytes;
    const time = left > 0 ? `, ${duration(left / rate)} left` : "";
    return `, ${(rate / 1e6).toFixed(1)} MB/s${time}`;
  };
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

/** A line of limited width: the bar goes first, then the name's end. */
function fitted(
  [key, bar, tail]: readonly [string, string, string],
  width: number,
): string {
  const whole = [key, bar, tail].filter(Boolean).join(" ");
  if (whole.length <= width) return whole;
  const room = width - tail.length - 1;
  const name = key.length <= room
    ? key
    : `${key.slice(0, Math.max(0, room - 1))}…`;
  return `${name} ${tail}`.slice(0, width);
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
