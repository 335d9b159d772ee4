/**
 * `deno task demo`: sets the machine up, then runs the demo with its arguments.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { followDeno } from "./run_deno.ts";
import { withSetup } from "./with_setup.ts";

const script = fileURLToPath(new URL("../cli/demo.ts", import.meta.url));
const args = ["run", "-A", "--quiet", script, ...Deno.args];
Deno.exit(await withSetup(({ env }) => followDeno(args, { env })));
