/**
 * The rule that lets convolutions cut their sums themselves.
 *
 * @module
 */

import { operandsOf } from "../../core/graph.ts";
import type { RewriteRule } from "../../core/rewrite.ts";
import type { Tensor } from "../../core/tensor.ts";
import { conv2d, type Conv2dAttrs, type Conv2dInputs } from "../conv2d.ts";
import {
  depthwiseConv2d,
  type DepthwiseConv2dAttrs,
  type DepthwiseConv2dInputs,
} from "../depthwise_conv2d.ts";
import { relu6 } from "../relu6.ts";
import { attrsOf, isMadeBy } from "./parts.ts";

/** `relu6(convolution)`, where nothing else reads the sums. */
export const convRule: RewriteRule = {
  name: "convolution",
  match(tensor, uses) {
    if (!isMadeBy(tensor, relu6)) return undefined;
    const [value] = operandsOf(tensor) as [Tensor];
    if (uses.count(value) > 1) return undefined;
    const made = cut(value);
    return made && new Map([[tensor, made]]);
  },
};

function cut(value: Tensor): Tensor | undefined {
  const operands = operandsOf(value), activation = "relu6" as const;
  if (isMadeBy(value, conv2d)) {
    const attrs = attrsOf<Conv2dAttrs>(value);
    if (attrs.activation === "relu6") return undefined;
    return conv2d(...operands as Conv2dInputs, { ...attrs, activation });
  }
  if (!isMadeBy(value, depthwiseConv2d)) return undefined;
  const attrs = attrsOf<DepthwiseConv2dAttrs>(value);
  if (attrs.activation === "relu6") return undefined;
  const inputs = operands as DepthwiseConv2dInputs;
  return depthwiseConv2d(...inputs, { ...attrs, activation });
}
