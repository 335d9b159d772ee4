import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

/** Words of text only, so that runs are short. */
const TEXT = ["--text", "abc", "--max-tokens", "6"];

Deno.test("generate takes biases, bans and stop strings by text and by id", async () => {
  await using tiny = await tinyFolder();
  const written = async (...words: string[]) => {
    const ran = await rookery("generate", ...TEXT, ...words, ...tiny.model);
    assert.equal(ran.code, 0, ran.notes);
    return ran.out.replace(/\n$/, "");
  };
  const plain = await written();
  assert.equal(plain.length, 6);
  assert.equal(await written("--logit-bias", "x=500"), "xxxxxx");
  // Id 3 is the space; the letter "3" lies 19 characters on.
  assert.equal(await written("--logit-bias", "3=500"), "      ");
  assert.equal(await written("--logit-bias", '"3"=500'), "333333");
  const both = ["--logit-bias", "x=500", "--logit-bias", "y=400"];
  assert.equal(await written(...both, "--presence-penalty", "200"), "xyxxxx");
  assert.equal(await written(...both, "--frequency-penalty", "60"), "xxyxyx");
  const ruledOut = ["--logit-bias", "x=-inf", "--logit-bias", "y=400"];
  assert.equal(await written(...ruledOut), "yyyyyy");
  assert.equal(await written(...both, "--ban", "x"), "yyyyyy");
  assert.equal(await written(...both, "--ban", "91"), "yyyyyy");
  assert.equal(await written(...both, "--stop", "xxx"), "");
  const [stop] = plain.slice(2);
  const cut = plain.slice(0, plain.indexOf(stop!));
  assert.equal(await written("--stop", "~~", "--stop", stop!), cut);
});

Deno.test("--top-logprobs adds each token's likeliest to the JSON", async () => {
  await using tiny = await tinyFolder();
  const line = async (command: string, ...words: string[]) => {
    const options = ["--json", ...words, ...tiny.model];
    const ran = await rookery(command, ...options);
    assert.equal(ran.code, 0, ran.notes);
    return JSON.parse(ran.out.trimEnd().split("\n").at(-1)!);
  };
  const picture = [tiny.path("0.png"), "--max-tokens", "6"];
  for (
    const [command, ...words] of [
      ["generate", ...TEXT],
      ["caption", ...picture],
      ["answer", ...picture, "--question", "a"],
    ] as const
  ) {
    const plain = await line(command, ...words);
    assert.equal(plain.logprobs, undefined);
    const listed = await line(command, ...words, "--top-logprobs", "5");
    const { logprobs, ms: _, ...rest } = listed;
    const { ms: __, ...same } = plain;
    assert.deepEqual(rest, same);
    assert.equal(logprobs.length, plain.tokens);
    for (const { id, token, logprob, top } of logprobs) {
      assert.equal(token.length <= 5, true);
      assert.equal(top.length, 5);
      // Greedy: what is drawn is the likeliest, but for marks, which are banned.
      assert.ok(top.some((each: { id: number }) => each.id === id));
      assert.ok(logprob <= 0 && logprob <= top[0].logprob);
    }
    const none = await line(command, ...words, "--top-logprobs", "0");
    assert.deepEqual(none.logprobs[0].top, []);
  }
});

Deno.test("bad samplers are refused by the option's name and rule", async () => {
  await using tiny = await tinyFolder();
  const everything = Array.from(
    { length: 96 },
    (_, id) => ["--ban", `${id}`],
  ).flat();
  for (
    const [words, message] of [
      [["--stop", ""], /--stop "": it must be a text that is not empty/],
      [["--top-k", "-1"], /--top-k -1: it must be an integer from 0/],
      [["--temperature", "NaN"], /--temperature "NaN": it must be a number/],
      [["--frequency-penalty", "2e6"], /--frequency-penalty 2000000: .*from/],
      [["--logit-bias", "x"], /--logit-bias "x": it must be TOKEN=X/],
      [["--logit-bias", "x=NaN"], /--logit-bias "x=NaN": it must be TOKEN=X/],
      [["--logit-bias", "x=1e9"], /--logit-bias of token 91 1000000000: /],
      [["--logit-bias", "96=1"], /--logit-bias token 96: .*tokens, 0 to 95/],
      [["--ban", "400"], /--ban token 400: it must be one of .*, 0 to 95/],
      [["--ban", "xyz"], /--ban "xyz" as it is 3 tokens: name one of "x"/],
      [everything, /all 96 tokens ruled out by --ban and --logit-bias/],
      [["--top-logprobs", "5"], /--top-logprobs without --json/],
      [["--top-logprobs", "21", "--json"], /--top-logprobs 21: .* 0 to 20/],
    ] as const
  ) {
    const ran = await rookery("generate", ...TEXT, ...words, ...tiny.model);
    assert.equal(ran.code, 2, `${words}: ${ran.notes}`);
    assert.match(ran.notes, message);
    assert.equal(ran.out, "");
  }
});

Deno.test("a bad number is refused before the model is opened", async () => {
  const words = [...TEXT, "--min-p", "2", "--model", "no/such/folder"];
  const { code, notes } = await rookery("generate", ...words);
  assert.equal(code, 2);
  assert.match(notes, /--min-p 2: it must be between 0 and 1/);
});
