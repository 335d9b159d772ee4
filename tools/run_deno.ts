/**
 * Runs this very Deno again. Its own path is used, as on a machine where Deno
 * came through npx there is no `deno` on PATH.
 *
 * @module
 */

/** How a child is run. */
export interface RunOptions {
  /** Variables added to the environment. */
  readonly env?: Record<string, string>;
  /** Working folder; left out, this process's own. */
  readonly cwd?: string;
  /** Milliseconds after which the child is ended. */
  readonly limitMs?: number;
}

/** What a child left behind. */
export interface Finished {
  /** Exit code; 143 where it was ended for its time. */
  readonly code: number;
  /** What it wrote to stdout. */
  readonly stdout: string;
  /** What it wrote to stderr. */
  readonly stderr: string;
}

/** Runs Deno with these arguments and collects what it writes. */
export async function runDeno(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { code, stdout, stderr } = await command(args, options, "piped")
    .output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs Deno with this process's own input and output; gives the exit code. */
export async function followDeno(
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const { code } = await command(args, options, "inherit").spawn().status;
  return code;
}

function command(
  args: readonly string[],
  { env = {}, cwd, limitMs }: RunOptions,
  streams: "piped" | "inherit",
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: streams === "inherit" ? "inherit" : "null",
    stdout: streams,
    stderr: streams,
    ...(cwd === undefined ? {} : { cwd }),
    ...(limitMs === undefined ? {} : { signal: AbortSignal.timeout(limitMs) }),
  });
}
