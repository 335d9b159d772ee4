/**
 * Takes a picture of a report in a real browser without a screen, and checks
 * that it is not blank.
 *
 *     deno task report-shot REPORT.html OUT.png      (needs chromium)
 *
 * @module
 */

import { decodeImage } from "../plugins/image/decode_image.ts";

const [page, out] = Deno.args;
if (page === undefined || out === undefined) {
  console.error("usage: deno task report-shot REPORT.html OUT.png");
  Deno.exit(2);
}
const url = new URL(page, `file://${Deno.cwd()}/`);
const profile = await Deno.makeTempDir();
const { success, stderr } = await new Deno.Command("chromium", {
  args: [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
    ...["--window-size=1000,1100", `--user-data-dir=${profile}`],
    ...[`--screenshot=${out}`, url.href],
  ],
}).output();
await Deno.remove(profile, { recursive: true });
if (!success) throw new Error(new TextDecoder().decode(stderr));
const { width, height, data } = await decodeImage(await Deno.readFile(out));
const colours = new Set(
  new Uint32Array(data.slice().buffer).filter((_, i) => i % 7 === 0),
);
if (colours.size < 16) throw new Error(`${out} is blank`);
console.log(`${out}: ${width} × ${height}, ${colours.size} colours`);
