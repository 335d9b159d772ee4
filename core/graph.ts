/**
 * Walks over graphs: order of execution, which buffer a value lives in, and
 * the one rule about donated state.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";
import { opOf } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Values in an order in which each comes after its operands. */
export function orderOf(outputs: Iterable<Tensor>): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  function visit(tensor: Tensor): void {
    // An explicit stack: chains can be longer than the call stack is deep.
    const stack: { tensor: Tensor; next: number }[] = [{ tensor, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const inputs = top.tensor.source.kind === "op"
        ? top.tensor.source.inputs
        : [];
      const input = inputs[top.next++];
      if (input === undefined) {
        if (!seen.has(top.tensor)) order.push(top.tensor);
        seen.add(top.tensor);
        stack.pop();
      } else if (!seen.has(input)) stack.push({ tensor: input, next: 0 });
    }
  }
  for (const output of outputs) if (!seen.has(output)) visit(output);
  return order;
}

/** Operand whose memory a value shares (views and donated state), if any. */
function sharedOperand(tensor: Tensor): Tensor | undefined {
  const op = opOf(tensor);
  if (op === undefined || tensor.source.kind !== "op") return undefined;
  if (op.isView) return tensor.source.inputs[0];
  return op.donates === undefined
    ? undefined
    : tensor.source.inputs[op.donates];
}

/** The value that owns the memory in which `tensor` lies. */
export function storageRoot(tensor: Tensor): Tensor {
  let root = tensor;
  for (let next = sharedOperand(root); next; next = sharedOperand(root)) {
    root = next;
  }
  return root;
}

/** Operands of a computed value; none for leaves. */
export function operandsOf(tensor: Tensor): readonly Tensor[] {
  return tensor.source.kind === "op" ? tensor.source.inputs : [];
}

/**
 * Checks state that ops take over, as donated operands or by writing beside
 * their result: only states may be, and nothing may read the old value after.
 */
export function checkDonations(order: readonly Tensor[]): void {
  const current = new Map<Tensor, Tensor>(); // root → newest value in it
  for (const tensor of order) {
    const op = opOf(tensor);
    if (op === undefined) continue;
    for (const input of operandsOf(tensor)) {
      checkIsCurrent(tensor, input, current);
    }
    const taken = op.donates === undefined ? [] : [op.donates];
    for (const i of [...taken, ...op.writes ?? []]) {
      current.set(stateBehind(tensor, i), tensor);
    }
  }
}

/** The state that operand `i` of an op lies in. */
function stateBehind(tensor: Tensor, i: number): Tensor {
  const root = storageRoot(operandsOf(tensor)[i]!);
  if (root.source.kind === "state") return root;
  const { name } = opOf(tensor)!;
  throw new RookeryError(
    "config",
    `Cannot donate operand ${i} of ${name} as it is not a state: pass a ` +
      'value made by leaf("state", …)',
    { op: name },
  );
}

function checkIsCurrent(
  reader: Tensor,
  input: Tensor,
  current: ReadonlyMap<Tensor, Tensor>,
): void {
  const root = storageRoot(input);
  const newest = current.get(root);
  if (newest === undefined || isDerivedView(input, newest)) return;
  // A view that names the newest value as well stands for what comes after it.
  if (opOf(reader)?.isView && operandsOf(reader).includes(newest)) return;
  const name = root.source.kind === "state" ? root.source.name : "state";
  throw new RookeryError(
    "config",
    `Cannot read the old value of state ${name} in ${opOf(reader)?.name} as ` +
      `${opOf(newest)?.name} has taken it over: use that op's result`,
    { op: opOf(reader)?.name ?? "", path: name },
  );
}

/** Whether `view` is `value` itself, a view of it, or one made after it. */
function isDerivedView(view: Tensor, value: Tensor): boolean {
  for (
    let at: Tensor | undefined = view;
    at;
    at = opOf(at)?.isView ? sharedOperand(at) : undefined
  ) {
    if (at === value) return true;
    if (opOf(at)?.isView && operandsOf(at).includes(value)) return true;
  }
  return false;
}
