/**
 * What stands before the queries of a command: shots of a file, a saved prefix,
 * or demonstrations of a pool.
 *
 * @module
 */

import {
  type Flamingo,
  type Prefix,
  type Query,
  RookeryError,
  type Shot,
  shotItems,
  type TaskName,
} from "../mod.ts";
import { checkShotsFit } from "./check_shots_fit.ts";
import type { OptionValues, Output } from "./command.ts";
import {
  DEMONSTRATION_OPTIONS,
  type DemonstrationPlan,
  demonstrationPlan,
  ORDER_OPTIONS,
} from "./demonstration_options.ts";
import { type Demonstrations, openDemonstrations } from "./demonstrations.ts";
import {
  checkPrefixOptions,
  openedPrefix,
  PREFIX_OPTIONS,
} from "./prefix_options.ts";
import { readShots, SHOTS_OPTION } from "./shots_file.ts";

/** Options of commands with examples. */
export const EXAMPLE_OPTIONS = {
  ...SHOTS_OPTION,
  ...DEMONSTRATION_OPTIONS,
  ...ORDER_OPTIONS,
  textShots: {
    type: "flag",
    help: "Leave out the examples' pictures, as the paper does at 0 shots",
  },
  ...PREFIX_OPTIONS,
} as const;

/** Shared examples of so many and more are read once, as a prefix. */
const PREFIX_SHOTS = 16;

/** Examples that options name, checked before a model is open. */
export interface NamedExamples {
  /** The options. */
  readonly options: OptionValues<typeof EXAMPLE_OPTIONS>;
  /** Shots of a file. */
  readonly shots: readonly Shot[];
  /** How a pool is chosen from, where one is named. */
  readonly plan: DemonstrationPlan | undefined;
}

/** Examples for the queries of a command. */
export interface PromptExamples extends Disposable {
  /** The pool, where one was named. */
  readonly demonstrations: Demonstrations | undefined;
  /** Whether all queries have the same. */
  readonly isShared: boolean;
  /** What a query's prompt begins with. */
  of(query: Query): Promise<
    | {
      readonly shots: readonly Shot[];
      readonly isTextOnly: boolean;
      readonly prefix?: never;
    }
    | {
      readonly prefix: Prefix;
      readonly shots?: never;
      readonly isTextOnly?: never;
    }
  >;
  /** The same as shots, never as a prefix. */
  shotsOf(query: Query): Promise<readonly Shot[]>;
}

/** Reads and checks what options say. */
export async function namedExamples(
  options: NamedExamples["options"],
): Promise<NamedExamples> {
  const plan = demonstrationPlan(options, options);
  const shots = await readShots(options.shots);
  checkPrefixOptions({ options, shots }, plan !== undefined);
  const { orderReport, prefix } = options;
  const reason = orderReport === undefined
    ? undefined
    : orderReport < 2
    ? `--order-report ${orderReport} compares nothing: give at least 2`
    : prefix !== undefined
    ? "--prefix has its examples in one order: use --shots or " +
      "--demonstrations"
    : undefined;
  if (reason === undefined) return { options, shots, plan };
  throw new RookeryError("usage", `Cannot report on orders as ${reason}`);
}

/** Opens the examples for a model. */
export async function openExamples(
  model: Flamingo,
  { options, shots, plan }: NamedExamples,
  context: {
    readonly output: Output;
    readonly question?: string;
    /** The task, where it is not a caption or an answer. */
    readonly task?: TaskName;
  },
): Promise<PromptExamples> {
  using held = new DisposableStack();
  const demonstrations = plan &&
    held.use(await openDemonstrations(model, plan, context));
  await checkShotsFit(model, shots, options.shots);
  const fixed = demonstrations ? demonstrations.fixed : shots;
  if (fixed === undefined && options.savePrefix !== undefined) {
    throw new RookeryError(
      "usage",
      "Cannot save a prefix as every picture has examples of its own with " +
        "--select rices: use another selection",
    );
  }
  const how = { task: context.task, isTextOnly: options.textShots };
  let prefix = await openedPrefix(model, {
    options,
    shots: fixed ?? [],
    how,
  });
  if (!prefix && fixed && fixed.length >= PREFIX_SHOTS) {
    prefix = await model.prefix(shotItems(model.style, fixed, how));
  }
  if (prefix) held.use(prefix);
  const kept = held.move();
  const shotsOf = (query: Query) =>
    fixed ? Promise.resolve(fixed) : demonstrations!.shotsFor(query);
  return {
    demonstrations,
    isShared: fixed !== undefined || prefix !== undefined,
    shotsOf,
    of: async (query) =>
      prefix
        ? { prefix }
        : { shots: await shotsOf(query), isTextOnly: options.textShots },
    [Symbol.dispose]: () => kept.dispose(),
  };
}
