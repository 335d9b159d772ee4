/**
 * All rewrite rules, in the order in which they apply: products first, what
 * stands around them from the inside out, then what joins several.
 *
 * @module
 */

import type { RewriteRule } from "../../core/rewrite.ts";
import { attendRule } from "./attend_rule.ts";
import { convRule } from "./conv_rule.ts";
import {
  activationRule,
  biasRule,
  gainRule,
  gateRule,
  normRule,
  productRule,
  residualRule,
} from "./project_rules.ts";

/** Rules that programs of models are rewritten by. */
export const FUSIONS: readonly RewriteRule[] = Object.freeze([
  productRule,
  biasRule,
  attendRule,
  activationRule,
  gateRule,
  gainRule,
  residualRule,
  normRule,
  convRule,
]);
