/**
 * Tells the pickles of `torch.save` before PyTorch 1.6 from others.
 *
 * @module
 */

/** Opcode of a protocol's number, and the last protocol there is. */
const PROTOCOL = 0x80, LAST_PROTOCOL = 5;

/** What the first pickle of such files is: an integer of ten bytes. */
const TORCH_MAGIC: readonly number[] = [
  ...[0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46],
  ...[0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
];

/** Whether a file begins as a pickle of protocol 2 to 5 does. */
export function isPickle(head: Uint8Array): boolean {
  return head[0] === PROTOCOL && head[1]! <= LAST_PROTOCOL;
}

/** Whether such a pickle is one of torch's; from protocol 4 on, in a frame. */
export function isTorchPickle(head: Uint8Array): boolean {
  return isPickle(head) &&
    [2, 11].some((at) => TORCH_MAGIC.every((byte, i) => head[at + i] === byte));
}
