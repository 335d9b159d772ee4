// Where a model's time goes, and with a file's name a trace for Perfetto: deno run -A examples/profile.ts tests/golden/models/llama_tied

import {
  assemble,
  chromeTrace,
  createDevice,
  measurePeaks,
  profileTable,
} from "../mod.ts";

const [name = "rookery-small", path] = Deno.args;

using device = await createDevice({ profile: true });
await measurePeaks(device); // so that rows tell their share of the peaks
using model = await assemble(name, { device });

const tokens = Array.from({ length: 32 }, (_, i) => 1 + i); // any will do
const chunk = { tokens, media: tokens.map(() => 0) };
const sequence = model.engine.open();
await model.engine.step([{ sequence, chunk, draws: 8 }]);
model.engine.close(sequence);

const profile = await device.profiler!.finish();
console.log(profileTable(profile, { rows: 12 }));
if (path !== undefined) {
  await Deno.writeTextFile(path, JSON.stringify(chromeTrace(profile)));
}
