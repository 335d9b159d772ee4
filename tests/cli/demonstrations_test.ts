import assert from "node:assert/strict";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyPicture } from "../support/tiny_model.ts";
import { rookery } from "./recorded_output.ts";
import { type TinyFolder, tinyFolder } from "./tiny_folder.ts";

/** Adds a folder of classes `pool/ab` and `pool/cd` with pictures 10 to 17. */
async function writePool(tiny: TinyFolder): Promise<string> {
  for (let seed = 10; seed < 18; seed++) {
    const folder = tiny.path(`pool/${seed % 2 ? "ab" : "cd"}`);
    await Deno.mkdir(folder, { recursive: true });
    const { width, height, data } = tinyPicture(seed);
    const png = encodePng({ width, height, data: new Uint8Array(data) });
    await Deno.writeFile(`${folder}/${seed}.png`, png);
  }
  return tiny.path("pool");
}

const linesOf = (out: string) =>
  out.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("classify takes classes and examples from a folder", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  const image = tiny.path("0.png");
  const words = ["--demonstrations", pool, "--json", ...tiny.model];
  const classify = async (...more: string[]) => {
    const ran = await rookery("classify", image, ...words, ...more);
    assert.equal(ran.code, 0, ran.notes);
    return { ...linesOf(ran.out)[0], notes: ran.notes };
  };
  const eight = await classify();
  assert.deepEqual(Object.keys(eight.scores).sort(), ["ab", "cd"]);
  const one = await classify("--shots-per-class", "1");
  assert.notDeepEqual(one.scores, eight.scores);
  const nearest = ["--select", "rices", "--shot-count", "1"];
  const rices = await classify(...nearest);
  assert.match(rices.notes, /Encoded 8 pictures/);
  // As a file of that shot would have it: a copy is nearest to its like.
  const own = tiny.path("pool/ab/13.png"), copy = tiny.path("copy.png");
  await Deno.copyFile(own, copy);
  const shot = { image: own, text: "ab" };
  await Deno.writeTextFile(tiny.path("s.jsonl"), JSON.stringify(shot));
  const told = async (query: string, ...more: string[]) => {
    const rest = ["--json", ...more, ...tiny.model];
    const ran = await rookery("classify", query, "--labels", "ab,cd", ...rest);
    return linesOf(ran.out)[0].scores;
  };
  const chosen = await told(copy, "--demonstrations", pool, ...nearest);
  assert.deepEqual(chosen, await told(copy, "--shots", tiny.path("s.jsonl")));
  // The file itself is no example of itself.
  const without = await told(own, "--demonstrations", pool, ...nearest);
  assert.notDeepEqual(without, chosen);
  const again = await classify(...nearest);
  assert.doesNotMatch(again.notes, /Encoded/);
  assert.deepEqual(again.scores, rices.scores);
});

Deno.test("a picture of the pool that cannot be read is noted and left out", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  await Deno.writeTextFile(tiny.path("pool/ab/0.png"), "no picture");
  for (const select of ["balanced", "rices"]) {
    const how = ["--select", select, "--shots-per-class", "4", "--json"];
    const words = ["--demonstrations", pool, ...how, ...tiny.model];
    const ran = await rookery("classify", tiny.path("0.png"), ...words);
    assert.equal(ran.code, 0, ran.notes);
    assert.match(ran.notes, /pool\/ab\/0\.png/);
    assert.equal(linesOf(ran.out).length, 1);
  }
  const five = ["--shots-per-class", "5", ...tiny.model];
  const few = await rookery(
    ...["classify", tiny.path("0.png"), "--demonstrations", pool, ...five],
  );
  assert.equal(few.code, 1);
  assert.match(few.notes, /Cannot choose 5 demonstrations of class "(ab|cd)"/);
});

Deno.test("classify --permutations and --order-report look at orders", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  const words = [tiny.path("0.png"), "--demonstrations", pool, ...tiny.model];
  const classify = async (...more: string[]) =>
    await rookery("classify", ...words, "--shot-count", "3", ...more);
  const json = await classify("--order-report", "4", "--json");
  const { orders, scores } = linesOf(json.out)[0];
  assert.equal(orders.orders, 4);
  for (
    const [label, { mean }] of Object.entries<{ mean: number }>(
      orders.spread,
    )
  ) {
    assert.ok(Math.abs(mean - scores[label]) < 1e-9);
  }
  const { out } = await classify("--order-report", "4");
  assert.match(out, /4 orders agree \d+ %: (ab|cd) \d×/);
  assert.match(out, /score +mean +deviation +low +high/);
  const two = await classify("--permutations", "2", "--json");
  assert.equal(linesOf(two.out)[0].orders, undefined);
  assert.notDeepEqual(linesOf(two.out)[0].scores, scores);
});

Deno.test("classify --method prototypes and both need a pool", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  const own = tiny.path("pool/ab/11.png");
  const words = [own, "--demonstrations", pool, "--shot-count", "2"];
  const methods = ["prompt", "prototypes", "both"];
  const found = new Map<string, { scores: Record<string, number> }>();
  for (const method of methods) {
    const ran = await rookery(
      ...["classify", ...words, "--method", method, "--json", ...tiny.model],
    );
    assert.equal(ran.code, 0, ran.notes);
    found.set(method, linesOf(ran.out)[0]);
    assert.equal(/Of 8 examples left out/.test(ran.notes), method === "both");
  }
  const { scores } = found.get("prototypes")!;
  assert.ok(Object.values(scores).every((cosine) => Math.abs(cosine) <= 1.001));
  assert.notDeepEqual(found.get("both")!.scores, scores);
  const bare = ["classify", own, "--labels", "ab,cd", "--method", "both"];
  const { code, notes } = await rookery(...bare, ...tiny.model);
  assert.equal(code, 2);
  assert.match(notes, /--method both needs pictures.*--demonstrations/);
});

Deno.test("caption and answer choose examples, and report on orders", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  const tail = ["--demonstrations", pool, "--max-tokens", "3", ...tiny.model];
  const image = tiny.path("0.png");
  const captions = await rookery(
    ...["caption", image, "--order-report", "3", "--shot-count", "4"],
    ...["--json", ...tail],
  );
  assert.equal(captions.code, 0, captions.notes);
  const { orders, text } = linesOf(captions.out)[0];
  assert.equal(orders.orders, 3);
  assert.equal(typeof text, "string");
  const answer = await rookery(
    ...["answer", image, "--question", "what?", "--order-report", "2"],
    ...["--select", "random", "--shot-count", "2", ...tail],
  );
  assert.equal(answer.code, 0, answer.notes);
  assert.match(answer.out, /2 orders agree/);
});

Deno.test("many shared examples are read once, their cost told first", async () => {
  await using tiny = await tinyFolder();
  const pool = await writePool(tiny);
  const shots: string[] = [];
  for (let i = 0; i < 20; i++) {
    const text = i % 2 ? "ab" : "cd";
    const seed = 10 + (i % 8);
    shots.push(JSON.stringify({ image: `pool/${text}/${seed}.png`, text }));
  }
  await Deno.writeTextFile(tiny.path("s.jsonl"), shots.join("\n"));
  const images = [0, 1].map((i) => tiny.path(`${i}.png`));
  const words = ["--labels", "ab,cd", "--json", ...tiny.model];
  const file = ["--demonstrations", tiny.path("s.jsonl")];
  const ran = await rookery(
    ...["classify", ...images, ...file, "--shot-count", "18", ...words],
  );
  assert.equal(ran.code, 0, ran.notes);
  assert.match(
    ran.notes,
    /18 examples: 18 pictures, \d+ tokens, \d+ pages, [\d.]+ MiB, about [\d.]+ s/,
  );
  assert.equal(linesOf(ran.out).length, 2);
  const saved = tiny.path("p.safetensors");
  const save = await rookery(
    ...["classify", images[0]!, ...file, "--save-prefix", saved, ...words],
  );
  assert.equal(save.code, 0, save.notes);
  const open = await rookery(
    ...["classify", images[0]!, "--prefix", saved, ...words],
  );
  assert.deepEqual(linesOf(open.out)[0].scores, linesOf(save.out)[0].scores);
  const rices = ["--select", "rices", "--save-prefix", saved];
  const refused = await rookery(
    ...["classify", images[0]!, "--demonstrations", pool, ...rices, ...words],
  );
  assert.equal(refused.code, 2);
  assert.match(refused.notes, /every picture has examples of its own/);
});

Deno.test("options of demonstrations that contradict each other are refused", async () => {
  const cases: [string[], RegExp][] = [
    [["--select", "rices"], /--select as there is no pool/],
    [["--shots-per-class", "2"], /--shots-per-class as there is no pool/],
    [["--demonstrations", "d", "--shots", "s"], /--shots is given too/],
    [["--demonstrations", "d", "--prefix", "p"], /--prefix is given too/],
    [["--demonstrations", "d", "--shot-count", "0"], /at least 1/],
    [
      ["--demonstrations", "d", "--shot-count", "1", "--shots-per-class", "1"],
      /both given/,
    ],
    [
      ["--demonstrations", "d", "--order", "similar-last"],
      /needs --select rices/,
    ],
    [["--demonstrations", "d", "--order-report", "1"], /at least 2/],
    [["--prefix", "p", "--order-report", "3"], /in one order/],
    [["--prefix", "p", "--permutations", "3"], /in one order/],
  ];
  for (const [words, message] of cases) {
    const labels = ["--labels", "a,b"];
    const { code, notes } = await rookery(
      "classify",
      "x.png",
      ...labels,
      ...words,
    );
    assert.equal(code, 2, notes);
    assert.match(notes, message);
  }
});
