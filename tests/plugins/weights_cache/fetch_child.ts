/**
 * Fetches what its argument orders and prints the result as one line of JSON:
 * tests run it in processes of their own, with fake clients on PATH.
 *
 * @module
 */

import { RookeryError } from "../../../core/errors.ts";
import {
  fetchPackage,
  type FetchProgress,
  fetchWeights,
} from "../../../plugins/weights_cache/mod.ts";
import type { FetchOrder } from "./fake_registry.ts";

const { source, pin, options, dieAt } = JSON.parse(
  Deno.args[0] ?? "{}",
) as FetchOrder;
const events: FetchProgress[] = [];
const onProgress = (event: FetchProgress) => {
  events.push(event);
  if (event.stage === dieAt) Deno.kill(Deno.pid, "SIGKILL");
};
try {
  const path = pin
    ? await fetchPackage(pin, { ...options, onProgress })
    : await fetchWeights(source ?? "", { ...options, onProgress });
  console.log(JSON.stringify({ path, events }));
} catch (error) {
  if (!(error instanceof RookeryError)) throw error;
  const { message, code } = error;
  console.log(JSON.stringify({ error: message, code, events }));
}
