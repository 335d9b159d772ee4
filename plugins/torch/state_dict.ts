/**
 * The tensors of a saved dict, and the names that they go by.
 *
 * @module
 */
import { cannotRead, quoted } from "../cannot_read.ts";
import { flattenTree } from "../pickle/flatten_tree.ts";
import { TorchTensor } from "./torch_values.ts";

/** Keys under which training scripts put the model's state dict. */
const STATE_KEYS = ["model_state_dict", "state_dict", "model"] as const;

/** Keys of what a training script needs to go on, and nobody else. */
const TRAINING_KEYS =
  /(^|_)(optim(izers?)?|schedulers?)(_states?)?(_dicts?)?(_?\d+)?$/i;

/** What a saved dict holds. */
export interface StateDict {
  /** Tensors by name. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** Plain values that lie beside them or beside the state dict. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Tensors of a dict. Those of a model's state dict (`model_state_dict`,
 * `state_dict` or `model`, where just one of these keys holds tensors) have
 * their names in it; all others have all keys on the way to them, joined by
 * dots. Only the state of optimizers and schedulers is left out.
 *
 * @param most values that the file can hold, as many as it has bytes
 * @throws {RookeryError} `file` for anything but a dict with tensors, and for
 * two tensors of one name
 */
export function stateDict(
  path: string,
  value: unknown,
  most: number,
): StateDict {
  if (!(value instanceof Map)) {
    throw cannotRead(path, "it holds no dict of tensors: save a state_dict");
  }
  const flatten = (root: unknown) =>
    flattenTree(root, { path, separator: ".", isLeaf, most });
  const rest = new Map(
    [...value].filter(([key, inner]) =>
      isLeaf(inner) || !TRAINING_KEYS.test(String(key))
    ),
  );
  const models = STATE_KEYS.filter((key) =>
    rest.get(key) instanceof Map && flatten(rest.get(key)).leaves.size > 0
  );
  const [model] = models.length === 1 ? models : [];
  const inner: unknown = model === undefined ? new Map() : rest.get(model);
  rest.delete(model);
  const [own, others] = [flatten(inner), flatten(rest)];
  const twice = own.leaves.keys().find((name) => others.leaves.has(name));
  if (twice !== undefined) {
    throw cannotRead(
      path,
      `the tensor ${quoted(twice)} is in its ${model} and beside it`,
    );
  }
  const tensors = new Map([...own.leaves, ...others.leaves]);
  if (tensors.size === 0) throw noTensors(path, value);
  const metadata = [...own.plain, ...others.plain]
    .filter(([name]) => value.has(name) || isIn(inner, name));
  return { tensors, metadata: Object.fromEntries(metadata) };
}

/** Plain values deeper in are details of the training, not of the weights. */
function isIn(dict: unknown, name: string): boolean {
  return dict instanceof Map && dict.has(name);
}

function isLeaf(value: unknown): value is TorchTensor {
  return value instanceof TorchTensor;
}

function noTensors(path: string, value: ReadonlyMap<unknown, unknown>): Error {
  const keys = [...value.keys().take(8)].map(quoted).join(", ");
  return cannotRead(
    path,
    `its dict has no tensors (keys: ${keys}), but for states of optimizers ` +
      `and schedulers: save a state_dict`,
  );
}
