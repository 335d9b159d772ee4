// The examples most like a picture, and what their order changes. Run it with: deno run -A examples/demonstrations.ts
import {
  assemble,
  classifyOrders,
  createDevice,
  ensembleOf,
  FeatureSearch,
  flamingoEncoder,
  orderReport,
  orderShots,
  ricesSelection,
} from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";
const pool = [
  { image: `${PICTURES}/1f34e.webp`, text: "food" },
  { image: `${PICTURES}/1f355.webp`, text: "food" },
  { image: `${PICTURES}/1f98a.webp`, text: "animal" },
];
const query = { image: `${PICTURES}/1f415.webp` };

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const encoder = flamingoEncoder(model);
const vectors = await encoder.embed(pool.map(({ image }) => image));
using search = await FeatureSearch.open(device, vectors);

const rices = ricesSelection({ encoder, search });
const chosen = await rices.choose(pool, { query, count: 2 });
const ordered = orderShots(chosen, "similar-last");
for (const { shot, similarity } of ordered) {
  console.log(shot.image, similarity!.toFixed(3));
}
const shots = ordered.map(({ shot }) => shot);
const labels = ["food", "animal"];
const runs = await classifyOrders(model, query, labels, { shots });
const { agreement, orders } = orderReport(runs);
console.log(ensembleOf(runs).label, `${orders} orders, agreement ${agreement}`);
