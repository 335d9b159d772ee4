/**
 * Names in the files of the original training, `F0_haiku.npz` to
 * `F6_haiku.npz`: a module's path, a slash, and a parameter's name.
 *
 * @module
 */

/** Modules of a block. */
const BLOCK_MODULES: ReadonlyMap<string, string> = new Map([
  ["conv0", "conv1"],
  ["conv1", "conv2"],
  ["conv1b", "conv2b"],
  ["conv2", "conv3"],
  ["conv_shortcut", "downsample.conv"],
  ["squeeze_excite/~/linear", "attn_last.fc1"],
  ["squeeze_excite/~/linear_1", "attn_last.fc2"],
]);

/** Modules outside of blocks. */
const OTHER_MODULES: ReadonlyMap<string, string> = new Map([
  ["stem_conv0", "stem.conv1"],
  ["stem_conv1", "stem.conv2"],
  ["stem_conv2", "stem.conv3"],
  ["stem_conv3", "stem.conv4"],
  ["final_conv", "final_conv"],
  ["linear", "head.fc"],
]);

const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["w", "weight"],
  ["b", "bias"],
  ["bias", "bias"],
  ["gain", "gain"],
]);

/**
 * The template's name for one of those files; undefined for other names.
 * Blocks are counted through all stages there: `nf_block`, `nf_block_1`, …
 *
 * @param depths blocks of each stage
 */
export function haikuName(
  name: string,
  depths: readonly number[],
): string | undefined {
  const [, path, last] = /^[^/]+\/~\/(.+)\/(\w+)$/.exec(name) ?? [];
  if (path === undefined || last === undefined) return undefined;
  const [, index, inner] = /^nf_block(?:_(\d+))?(?:\/~\/(.+))?$/.exec(path) ??
    [];
  const isInBlock = path.startsWith("nf_block");
  const block = isInBlock ? blockPath(Number(index ?? 0), depths) : undefined;
  if (isInBlock && block === undefined) return undefined;
  if (isInBlock && inner === undefined) {
    return last === "skip_gain" ? `${block}.skipinit_gain` : undefined;
  }
  const module = isInBlock
    ? BLOCK_MODULES.get(inner!)
    : OTHER_MODULES.get(path);
  const parameter = PARAMETERS.get(last);
  if (module === undefined || parameter === undefined) return undefined;
  return isInBlock
    ? `${block}.${module}.${parameter}`
    : `${module}.${parameter}`;
}

/** Path of a block by its number in the network; undefined past the last. */
function blockPath(
  index: number,
  depths: readonly number[],
): string | undefined {
  let first = 0;
  for (const [stage, depth] of depths.entries()) {
    if (index < first + depth) return `stages.${stage}.${index - first}`;
    first += depth;
  }
  return undefined;
}
