/**
 * A batch that changes: requests join and leave between steps, each with its
 * own prompt, pictures, sampler and end. A client of `Engine.step`, as
 * `generate` is; what each step does is a policy's affair.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Tokenizer } from "../slots.ts";
import { ActiveRow, type RowPlan } from "./active_row.ts";
import { MOST_ROWS } from "./buckets.ts";
import type { Engine } from "./engine.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import { fairPolicy, type SchedulePolicy } from "./schedule_policy.ts";
import { ScheduledText } from "./scheduled_text.ts";

/** A request: what it needs, and how it opens when its turn comes. */
export interface ScheduledRequest {
  /** Tokens of its prompt. */
  readonly tokens: number;
  /** Most tokens that it draws. */
  readonly maxTokens: number;
  /** Pictures of its prompt. */
  readonly pictures: number;
  /** Makes its sequence, pictures encoded; the scheduler closes it. */
  open(): Promise<{ readonly sequence: Sequence; readonly chunk: Chunk }>;
  /** Ends it at the next step, with the text it has. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `Scheduler`. */
export interface SchedulerOptions {
  /** What steps do. Default `fairPolicy()`. */
  readonly policy?: SchedulePolicy;
  /** Most requests at a time; others wait. Default and most: 64. */
  readonly mostRows?: number;
}

/** A request in line. */
interface Waiting {
  readonly request: ScheduledRequest;
  readonly text: ScheduledText;
}

/** Runs requests side by side. */
export class Scheduler {
  /** What steps do. */
  readonly policy: SchedulePolicy;
  readonly #engine: Engine;
  readonly #tokenizer: Tokenizer;
  readonly #mostRows: number;
  readonly #waiting: Waiting[] = [];
  #active: ActiveRow[] = [];
  #next = 0;
  #drawMs = 0;
  #running: Promise<void> | undefined;

  /** Shares an engine; whoever else steps it takes turns with the scheduler. */
  constructor(
    engine: Engine,
    tokenizer: Tokenizer,
    options: SchedulerOptions = {},
  ) {
    this.#engine = engine;
    this.#tokenizer = tokenizer;
    this.policy = options.policy ?? fairPolicy();
    this.#mostRows = checkRows(options.mostRows ?? MOST_ROWS);
  }

  /** Requests in the batch now. */
  get active(): number {
    return this.#active.length;
  }

  /** Requests in line. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Puts a request in line. It joins the batch when there is a row and memory
   * for its whole prompt and all tokens that it may draw; its text comes as an
   * iterable, and errors that concern it come there and nowhere else.
   */
  submit(request: ScheduledRequest): ScheduledText {
    const text = new ScheduledText();
    const refused = this.#refusal(request);
    if (refused) text.end(refused);
    else this.#waiting.push({ request, text });
    this.#running ??= this.#run();
    return text;
  }

  /** Resolves when nobody is left. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Submits of the same turn of the event loop join the first step.
    await Promise.resolve();
    try {
      while (this.#active.length + this.#waiting.length > 0) {
        await this.#admit();
        if (this.#active.length > 0) await this.#step();
      }
    } finally {
      this.#running = undefined;
    }
  }

  /** Lets requests in, in order, while there is room. */
  async #admit(): Promise<void> {
    while (this.#waiting.length > 0 && this.#active.length < this.#mostRows) {
      const { request, text } = this.#waiting[0]!;
      if (request.signal?.aborted) {
        this.#waiting.shift();
        text.end();
        continue;
      }
      if (!this.#hasRoom(request)) {
        if (this.#active.length > 0) return;
        this.#waiting.shift();
        text.end(this.#noRoom(request));
        continue;
      }
      this.#waiting.shift();
      try {
        const { sequence, chunk } = await request.open();
        const { signal } = request;
        const own = { id: this.#next++, text, sequence, chunk, signal };
        this.#active.push(new ActiveRow(own, this.#tokenizer));
      } catch (error) {
        text.end(error);
      }
    }
  }

  async #step(): Promise<void> {
    const view = {
      active: this.#active.map((row) => row.view(this.#engine.context)),
      waiting: this.#waiting.length,
      drawMs: this.#drawMs,
    };
    const work = new Map(
      this.policy.next(view).map((own) => [own.id, own]),
    );
    const rows = this.#active.filter(({ id }) => work.has(id));
    const begin = performance.now();
    await this.#stepRows(rows.map((row) => row.plan(work.get(row.id)!)));
    const draws = Math.max(0, ...[...work.values()].map((own) => own.draws));
    const isPlain = rows.every((row) => work.get(row.id)!.feed === 0);
    if (isPlain && draws > 0) {
      this.#drawMs = (performance.now() - begin) / draws;
    }
    this.#active = this.#active.filter((row) => {
      const isOver = row.report(this.#engine.context);
      if (isOver) this.#engine.close(row.sequence);
      return !isOver;
    });
  }

  /**
   * One step for all rows. Where it fails as a whole, rows go on one by one, so
   * that only those that cannot run get the error.
   */
  async #stepRows(plans: readonly RowPlan[]): Promise<void> {
    try {
      await this.#engine.step(plans.map((plan) => plan.row.work(plan)));
    } catch (error) {
      if (plans.length === 1) {
        plans[0]!.row.fail(error);
        return;
      }
      for (const plan of plans) await this.#stepRows([plan]);
    }
  }

  /** Whether a request fits beside what the active ones may still take. */
  #hasRoom(request: ScheduledRequest): boolean {
    const { tokens, pictures } = this.#engine.room();
    const promised = this.#active.reduce(
      (sum, row) => sum + row.promised(this.#engine.context),
      0,
    );
    return promised + needOf(request, this.#engine.context) <= tokens &&
      request.pictures <= pictures;
  }

  #noRoom(request: ScheduledRequest): RookeryError {
    const { tokens, pictures } = this.#engine.room();
    const need = needOf(request, this.#engine.context);
    return new RookeryError(
      "memory",
      `Cannot run a request of ${need} tokens and ${request.pictures} ` +
        `pictures as the budget has room for ${tokens} tokens and ${pictures} ` +
        "pictures with nothing else running: raise the budget, use a shorter " +
        "prompt, fewer pictures or fewer tokens to draw",
      { expected: tokens, actual: need },
    );
  }

  /** What no waiting will mend. */
  #refusal(request: ScheduledRequest): RookeryError | undefined {
    const { context } = this.#engine;
    if (request.tokens < context) return undefined;
    return new RookeryError(
      "prompt",
      `Cannot run a prompt of ${request.tokens} tokens as the model's context ` +
        `holds ${context}, one of them for the answer: use fewer shots or ` +
        "shorter texts",
      { expected: context - 1, actual: request.tokens },
    );
  }
}

/** Tokens that a request may come to hold. */
function needOf(
  { tokens, maxTokens }: ScheduledRequest,
  context: number,
): number {
  return Math.min(context, tokens + maxTokens);
}

function checkRows(mostRows: number): number {
  if (Number.isInteger(mostRows) && mostRows >= 1 && mostRows <= MOST_ROWS) {
    return mostRows;
  }
  throw new RookeryError(
    "usage",
    `Cannot schedule ${mostRows} rows at a time: use 1 to ${MOST_ROWS}`,
    { path: "mostRows", expected: MOST_ROWS, actual: mostRows },
  );
}
