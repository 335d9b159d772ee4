/**
 * Counts tests in the JUnit report that `deno test` writes. Only what that
 * writer makes is understood: this is no XML reader.
 *
 * @module
 */

/** How tests ended. */
export interface TestCounts {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed, by name and file. */
  readonly failed: readonly string[];
  /** Tests that were ignored, by name and file. */
  readonly skipped: readonly string[];
  /** Seconds per test, by name and file. */
  readonly seconds: ReadonlyMap<string, number>;
}

const CASE =
  /<testcase name="([^"]*)" classname="([^"]*)" time="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;

/** Reads a report. Steps count with their test, which fails when they do. */
export function readJunit(report: string): TestCounts {
  const failed: string[] = [];
  const skipped: string[] = [];
  const seconds = new Map<string, number>();
  const seen = new Set<string>();
  let passed = 0;
  for (const [, name = "", file = "", time = "0", body = ""] of cases(report)) {
    if (isStep(name, file, seen)) continue;
    seen.add(`${file}\n${name}`);
    const label = `${unescape(name)} (${unescape(file)})`;
    seconds.set(label, Number(time));
    if (/<(failure|error)[\s/>]/.test(body)) failed.push(label);
    else if (body.includes("<skipped")) skipped.push(label);
    else passed++;
  }
  return { passed, failed, skipped, seconds };
}

/** Adds counts up. */
export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.flatMap(({ failed }) => failed),
    skipped: all.flatMap(({ skipped }) => skipped),
    seconds: new Map(all.flatMap(({ seconds }) => [...seconds])),
  };
}

/** The closing line, e.g. `"12 passed, 1 failed, 2 skipped"`. */
export function countLine({ passed, failed, skipped }: TestCounts): string {
  const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  return `${passed} passed, ${failed.length} failed${tail}`;
}

function cases(report: string): RegExpStringIterator<RegExpExecArray> {
  return report.matchAll(CASE);
}

/** Steps are written after all tests, as `test &gt; step`. */
function isStep(
  name: string,
  file: string,
  seen: ReadonlySet<string>,
): boolean {
  const parts = name.split(" &gt; ");
  return parts.slice(1).some((_, i) =>
    seen.has(`${file}\n${parts.slice(0, i + 1).join(" &gt; ")}`)
  );
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
