/**
 * `deno task accuracy [--device auto|cpu] [--only TEXT] [--tokens N]
 * [--captions N]`: measures how far every family is from its reference in every
 * precision, on the given device, and writes docs/accuracy.md and README's table
 * anew. Devices measured before are kept. `--tokens` also measures the real
 * language model on so many tokens of real text, `--captions` the default model
 * on so many pictures; what is ended goes on where it stopped. `--only none`
 * leaves the families alone.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDevice } from "../mod.ts";
import { rootUrl } from "../tests/architecture/source_files.ts";
import { CASES, keyOf } from "./accuracy/cases.ts";
import {
  type Accuracy,
  measureCase,
  type Mode,
} from "./accuracy/measure_case.ts";
import { measureCaptions } from "./accuracy/measure_captions.ts";
import { measureText } from "./accuracy/measure_text.ts";
import { realTexts } from "./accuracy/real_text.ts";
import { accuracyDocument, familyTable } from "./accuracy/report.ts";
import { readResults, writeResults } from "./accuracy/results.ts";
import { withSetup } from "./with_setup.ts";

const MODES: readonly Mode[] = ["f32", "f16", "q8_0", "q4_1"];

/** Lines of README that the table stands between. */
const BEGIN = "<!-- families: made by deno task accuracy -->";
const END = "<!-- end of families -->";

/** README with the table of these results. */
export function withFamilyTable(readme: string, families: string): string {
  const from = readme.indexOf(BEGIN), to = readme.indexOf(END);
  if (from < 0 || to < from) {
    throw new Error(`README.md has no lines "${BEGIN}" and "${END}"`);
  }
  return `${readme.slice(0, from)}${BEGIN}\n${families}\n${readme.slice(to)}`;
}

async function measure(
  choice: "auto" | "cpu",
  { only, tokens, captions: pictures }: {
    readonly only: string;
    readonly tokens: number;
    readonly captions: number;
  },
): Promise<void> {
  using device = await createDevice({ device: choice });
  const name = device.profile.name;
  const before = await readResults();
  const found: Record<string, Partial<Record<Mode, Accuracy>>> = {
    ...before.devices[name],
  };
  for (const test of CASES.filter((each) => keyOf(each).includes(only))) {
    for (const mode of MODES) {
      if (mode === "f16" && !device.profile.hasF16) continue;
      const result = await measureCase(device, test, mode);
      found[keyOf(test)] = { ...found[keyOf(test)], [mode]: result };
      console.log(`${name}: ${keyOf(test)} ${mode} ${result.maxDifference}`);
    }
  }
  const text = tokens === 0
    ? before.text
    : await measureText(device, await realTexts(), {
      tokens,
      say: console.log,
    });
  const devices = { ...before.devices, [name]: found };
  await writeResults({ ...before, devices, text });
  if (pictures === 0) return;
  const captions = await measureCaptions(device, {
    pictures,
    say: console.log,
  });
  await writeResults({ devices, text, captions });
}

async function writeDocuments(): Promise<void> {
  const results = await readResults();
  const path = rootUrl("README.md");
  const readme = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, withFamilyTable(readme, familyTable(results)));
  const document = accuracyDocument(results);
  await Deno.writeTextFile(rootUrl("docs/accuracy.md"), document);
}

if (import.meta.main) {
  Deno.chdir(fileURLToPath(rootUrl(".")));
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      device: { type: "string", default: "auto" },
      only: { type: "string", default: "" },
      tokens: { type: "string", default: "0" },
      captions: { type: "string", default: "0" },
    },
  });
  const choice = values.device === "cpu" ? "cpu" : "auto";
  const options = {
    only: values.only,
    tokens: Number(values.tokens) || 0,
    captions: Number(values.captions) || 0,
  };
  Deno.exit(
    await withSetup(async () => {
      await measure(choice, options);
      await writeDocuments();
      return 0;
    }),
  );
}
