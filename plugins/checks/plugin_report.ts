/**
 * What `checkPlugin` found.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** One thing that was checked. */
export interface PluginCheck {
  /** What was checked: the plugin, or `slot plugin/part`. */
  readonly subject: string;
  /** The rule, in a few words. */
  readonly name: string;
  /** Whether the rule is kept. */
  readonly ok: boolean;
  /** What is wrong; undefined where nothing is. */
  readonly why: string | undefined;
}

/** The outcome of `checkPlugin`. */
export interface PluginReport {
  /** Name of the plugin. */
  readonly plugin: string;
  /** All checks, in order. */
  readonly checks: readonly PluginCheck[];
  /** Those that failed. */
  readonly failed: readonly PluginCheck[];
  /** What was not checked for want of a device or of a file, in words. */
  readonly notRun: readonly string[];
  /**
   * Throws one error that lists all failed checks, if there are any.
   *
   * @throws {RookeryError} `config`
   */
  throwIfFailed(): void;
}

/** Collects checks; a step that throws is a check that failed. */
export class CheckList {
  readonly #plugin: string;
  readonly #checks: PluginCheck[] = [];
  readonly #notRun: string[] = [];

  /** Starts with none. */
  constructor(plugin: string) {
    this.#plugin = plugin;
  }

  /** Runs a step; whether it went through. */
  async check(
    subject: string,
    name: string,
    step: () => unknown,
  ): Promise<boolean> {
    let why: string | undefined;
    try {
      await step();
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    this.#checks.push({ subject, name, ok: why === undefined, why });
    return why === undefined;
  }

  /** Says what was left out, and what would be needed. */
  leaveOut(subject: string, what: string): void {
    this.#notRun.push(`${subject}: ${what}`);
  }

  /** The report of all that was collected. */
  report(): PluginReport {
    const plugin = this.#plugin;
    const failed = this.#checks.filter(({ ok }) => !ok);
    return {
      plugin,
      checks: [...this.#checks],
      failed,
      notRun: [...this.#notRun],
      throwIfFailed() {
        if (failed.length > 0) throw failure(plugin, failed);
      },
    };
  }
}

function failure(
  plugin: string,
  failed: readonly PluginCheck[],
): RookeryError {
  const rules = failed.length === 1 ? "1 rule" : `${failed.length} rules`;
  const lines = failed.map(({ subject, name, why }) =>
    `\n- ${subject}: ${name}: ${why}`
  );
  return new RookeryError(
    "config",
    `Cannot accept plugin ${plugin} as it breaks ${rules} of the contract:` +
      lines.join(""),
    { path: plugin, actual: failed },
  );
}
