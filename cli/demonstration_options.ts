/**
 * Options that say which pictures of a pool become examples of a prompt.
 *
 * @module
 */

import {
  balancedSelection,
  type Ordering,
  ORDERINGS,
  randomSelection,
  RookeryError,
  type Selection,
} from "../mod.ts";
import type { Options, OptionValues } from "./command.ts";

/** Options of commands that choose demonstrations. */
export const DEMONSTRATION_OPTIONS = {
  demonstrations: {
    type: "text",
    value: "PATH",
    help: "Pool of examples: a folder of classes, or a file as for --shots",
  },
  select: {
    type: "text",
    value: "HOW",
    help: "How examples are chosen of the pool (default balanced)",
    choices: ["random", "balanced", "rices"],
  },
  shotCount: {
    type: "integer",
    value: "N",
    help: "How many are chosen (default 8)",
  },
  shotsPerClass: {
    type: "integer",
    value: "N",
    help: "How many are chosen of every class, in place of --shot-count",
  },
  order: {
    type: "text",
    value: "HOW",
    help: "Their order (default given; rices: similar-last)",
    choices: ORDERINGS,
  },
  demonstrationSeed: {
    type: "integer",
    value: "N",
    help: "Seed of what is chosen and ordered by lot (default 0)",
  },
} as const satisfies Options;

/** Options that look at orders. */
export const ORDER_OPTIONS = {
  orderReport: {
    type: "integer",
    value: "K",
    help: "Ask after K orders of the examples; tell what the order changes",
  },
} as const satisfies Options;

/** Values of the options. */
export type DemonstrationValues = OptionValues<typeof DEMONSTRATION_OPTIONS>;

/** What the options ask for. */
export interface DemonstrationPlan {
  /** Folder or file of the pool. */
  readonly path: string;
  /** Whether pictures are compared with the query's. */
  readonly isNearest: boolean;
  /** Number of shots for a pool of so many classes. */
  readonly countOf: (classes: number) => number;
  /** The strategy; `nearest` is that of RICES. */
  readonly selectionOf: (nearest: () => Selection) => Selection;
  /** The order. */
  readonly ordering: Ordering;
  /** Seed of strategy and order. */
  readonly seed: number;
}

/** Checks the options; undefined where no pool is named. */
export function demonstrationPlan(
  values: DemonstrationValues,
  { shots, prefix }: {
    readonly shots: string | undefined;
    readonly prefix: string | undefined;
  },
): DemonstrationPlan | undefined {
  const { demonstrations: path, select = "balanced", order } = values;
  const { shotCount, shotsPerClass, demonstrationSeed: seed = 0 } = values;
  if (path === undefined) return refuseWithoutPool(values);
  const ordering =
    (order ?? (select === "rices" ? "similar-last" : "given")) as Ordering;
  const reason = shots !== undefined || prefix !== undefined
    ? `--${
      shots === undefined ? "prefix" : "shots"
    } is given too: use one of ` +
      "them"
    : shotCount !== undefined && shotsPerClass !== undefined
    ? "--shot-count and --shots-per-class are both given: use one of them"
    : (shotCount ?? shotsPerClass ?? 1) < 1
    ? `${shotCount ?? shotsPerClass} are wanted: choose at least 1`
    : ordering.startsWith("similar") && select !== "rices"
    ? `--order ${ordering} needs --select rices, which looks at pictures`
    : undefined;
  if (reason !== undefined) {
    throw new RookeryError("usage", `Cannot choose examples as ${reason}`);
  }
  const isNearest = select === "rices";
  return {
    path,
    isNearest,
    countOf: (classes) =>
      shotsPerClass === undefined ? shotCount ?? 8 : shotsPerClass * classes,
    selectionOf(nearest) {
      const within = isNearest ? nearest() : randomSelection();
      const isBalanced = select === "balanced" || shotsPerClass !== undefined;
      return isBalanced ? balancedSelection(within) : within;
    },
    ordering,
    seed,
  };
}

function refuseWithoutPool(values: DemonstrationValues): undefined {
  const { select, shotCount, shotsPerClass, order } = values;
  const given = { select, shotCount, shotsPerClass, order };
  const [key] =
    Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (key === undefined) return undefined;
  const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new RookeryError(
    "usage",
    `Cannot use --${name} as there is no pool to choose from: name one with ` +
      "--demonstrations",
  );
}
