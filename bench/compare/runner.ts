/**
 * A runner as the bench sees it: a process that answers requests one by one.
 * One that crashes or keeps silent says so in its row, and nothing else stops.
 *
 * @module
 */

import { linesOf } from "./children/serve_requests.ts";
import { type MeasureRequest, parseReply, type Reply } from "./protocol.ts";

/** How to start a runner. */
export interface RunnerCommand {
  /** Name in rows. */
  readonly name: string;
  /** Program. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables beside our own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder in which it starts. */
  readonly cwd?: string;
}

/** A started runner. */
export class Runner {
  /** Name in rows. */
  readonly name: string;
  readonly #start: RunnerCommand;
  #child: Deno.ChildProcess | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #lines: AsyncGenerator<string> | undefined;
  #errors: Promise<string> | undefined;
  #id = 0;

  /** A runner that starts with its first request. */
  constructor(start: RunnerCommand) {
    this.name = start.name;
    this.#start = start;
  }

  /** Asks; after `timeout` milliseconds the process is stopped. */
  async ask(
    request: Omit<MeasureRequest, "id">,
    timeout: number,
  ): Promise<Reply> {
    const id = ++this.#id;
    if (this.#child === undefined) this.#open();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<Reply>((resolve) => {
      timer = setTimeout(() => {
        const seconds = (timeout / 1000).toFixed(0);
        resolve({ id, cannot: `no answer within ${seconds} s` });
      }, timeout);
    });
    const reply = await Promise.race([this.#exchange({ ...request, id }), late])
      .finally(() => clearTimeout(timer));
    if ("cannot" in reply && reply.cannot.startsWith("no answer")) {
      await this.stop();
    }
    return reply;
  }

  /** Stops the process; the next request starts another. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#writer?.close().catch(() => {});
    await child.status;
  }

  #open(): void {
    const { command, args, env, cwd } = this.#start;
    const child = new Deno.Command(command, {
      args: [...args],
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
    this.#errors = new Response(child.stderr).text();
  }

  async #exchange(request: MeasureRequest): Promise<Reply> {
    try {
      const line = `${JSON.stringify(request)}\n`;
      await this.#writer!.write(new TextEncoder().encode(line));
      for (;;) {
        const { value, done } = await this.#lines!.next();
        if (done) break;
        const reply = parseReply(value);
        if (reply?.id === request.id) return reply;
      }
    } catch {
      // A closed pipe: the end below says why.
    }
    const child = this.#child;
    if (child === undefined) return { id: request.id, cannot: "was stopped" };
    this.#child = undefined;
    const { code, signal } = await child.status;
    const last = (await this.#errors!).trim().split("\n").at(-1) ?? "";
    const how = signal === null ? `with ${code}` : `by ${signal}`;
    return { id: request.id, cannot: `ended ${how}: ${last.slice(0, 200)}` };
  }
}
