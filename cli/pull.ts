/**
 * `pull`: a model from the hub into the cache that all of the hub's programs
 * share.
 *
 * @module
 */

import {
  parseHubName,
  type PulledFile,
  type PulledModel,
  pullModel,
  showBytes,
} from "../mod.ts";
import { type Command, defineCommand, type Output } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { createProgressWriter } from "./progress.ts";
import { alignRows } from "./table.ts";

/** The command. */
export const pullCommand: Command = defineCommand({
  name: "pull",
  summary: "Bring a model from the Hugging Face hub",
  positional: {
    name: "MODEL",
    help: "OWNER/NAME or OWNER/NAME@REVISION (branch, tag or commit)",
  },
  options: {
    include: {
      type: "texts",
      value: "GLOB",
      help: "Only files that fit, e.g. '*.gguf'; may be repeated",
    },
    cache: {
      type: "text",
      value: "DIR",
      help: "Folder of the hub's cache, used instead of HF_HUB_CACHE",
    },
    endpoint: {
      type: "text",
      value: "URL",
      help: "Address of the hub, used instead of HF_ENDPOINT",
    },
    offline: { type: "flag", help: "Only say what the cache has" },
    json: { type: "flag", help: "Write a JSON object" },
  },
  examples: [
    "pull openai-community/gpt2",
    "pull openflamingo/OpenFlamingo-3B-vitl-mpt1b --include checkpoint.pt",
  ],
  async run({ positionals, options }, output) {
    const { cache, endpoint } = options;
    const pulled = await pullModel(parseHubName(positionals[0]!), {
      include: options.include,
      ...(cache === undefined ? {} : { hubCacheDir: cache }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(options.offline ? { isOffline: true } : {}),
      onProgress: createProgressWriter({ write: (text) => output.note(text) }),
    });
    output.write(
      options.json ? `${JSON.stringify(reportOf(pulled))}\n` : textOf(pulled),
    );
    noteLimits(pulled, options.include, output);
    return EXIT.done;
  },
});

/** What `pull --json` writes. */
interface Report {
  readonly model: string;
  readonly revision: string;
  readonly commit: string;
  readonly folder: string;
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string | null;
    readonly state: PulledFile["state"];
  }[];
  readonly bytes: number;
  readonly downloadedBytes: number;
}

function reportOf(pulled: PulledModel): Report {
  const { hub, revision, commit, folder, downloadedBytes } = pulled;
  return {
    model: hub,
    revision,
    commit,
    folder,
    files: pulled.files.map(({ path, sizeBytes, sha256, state }) => ({
      path,
      bytes: sizeBytes,
      sha256: sha256 ?? null,
      state,
    })),
    bytes: bytesOf(pulled),
    downloadedBytes,
  };
}

function textOf(pulled: PulledModel): string {
  const { hub, revision, commit, folder, files, downloadedBytes } = pulled;
  const rows = files.map(({ path, sizeBytes, state }) => [
    `  ${path}`,
    showBytes(sizeBytes),
    state,
  ]);
  const at = revision === commit ? commit : `${revision} (${commit})`;
  return [
    `${hub} at ${at}`,
    ...alignRows(rows, { right: [1] }),
    `${files.length} files, ${showBytes(bytesOf(pulled))}, ` +
    `${showBytes(downloadedBytes)} of them downloaded`,
    folder,
    "",
  ].join("\n");
}

function bytesOf({ files }: PulledModel): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Says what a user may have expected and did not get. */
function noteLimits(
  { hub, hasWeights }: PulledModel,
  include: readonly string[],
  output: Output,
): void {
  if (hasWeights || include.length > 0) return;
  output.note(
    `No weights of ${hub} were chosen: other formats and inner folders come ` +
      "by --include, e.g. --include '*.gguf'\n",
  );
}
