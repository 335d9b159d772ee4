/**
 * How reports look, on light and dark screens.
 *
 * @module
 */

/** The style sheet. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1d232b;
  --faint: #5f6974; --line: #e3e6ea; --right: #14733b; --wrong: #b3362b; --bar: #4a86c5; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2126;
  --ink: #e8eaed; --faint: #9aa4b0; --line: #2c3238; --right: #5fcf8d;
  --wrong: #ff8f80; --bar: #5d9bd8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2.5rem 1.25rem; line-height: 1.5;
  background: var(--page); color: var(--ink); font-family: system-ui, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); font-size: .875rem; }
.cards { display: grid; gap: 1rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(14.5rem, 1fr)); }
figure { margin: 0; } .card, .plot { padding: 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
.card.explained { grid-column: 1 / -1; }
.card > img { display: block; width: 8rem; height: 8rem; margin: 0 auto .75rem; object-fit: contain; }
.card.explained > img { margin: 0 0 .75rem; }
.label { font-weight: 600; }
.right { color: var(--right); } .wrong { color: var(--wrong); }
.unsupported { text-decoration: underline wavy var(--wrong); text-underline-offset: .2em; }
.shots { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; padding-top: .75rem;
  border-top: 1px solid var(--line); } .shots img { width: 2rem; height: 2rem; object-fit: contain; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin-top: .5rem; font-size: .875rem; }
td, th { padding: .15rem 1rem .15rem 0; text-align: left; font-weight: 400; }
th { color: var(--faint); } td { font-variant-numeric: tabular-nums; }
.confusion td { border: 1px solid var(--line); min-width: 2.2rem; height: 2.2rem; padding: .2rem;
  text-align: center; background: var(--card); }
.confusion th { padding: .2rem .6rem .2rem 0; } .confusion thead span { display: inline-block;
  writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; }
.hit { background: color-mix(in srgb, var(--right) calc(var(--share) / 2), var(--card)) !important; }
.miss { background: color-mix(in srgb, var(--wrong) calc(var(--share) / 2), var(--card)) !important; }
.plot { max-width: 40rem; margin-top: .5rem; } .plot svg { display: block; width: 100%; }
.plot text { fill: var(--faint); font-size: 12px; } .grid { stroke: var(--line); }
.key { margin-right: 1rem; white-space: nowrap; } .key i { display: inline-block; width: .8em;
  height: .8em; margin-right: .35em; border-radius: 50%; }
.words { display: flex; flex-wrap: wrap; gap: 1.25rem; margin-top: .75rem; }
.word { width: 8.5rem; } .word ol { margin: .35rem 0; padding-left: 1.1rem; }
.map { position: relative; width: 8.5rem; height: 8.5rem; margin-bottom: .5rem; }
.map img { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: .4rem; }
summary { cursor: pointer; color: var(--faint); font-size: .875rem; margin-top: .5rem; }
.bar { display: inline-block; width: 7rem; height: .7rem; margin-right: .5rem;
  background: linear-gradient(to right, var(--bar) var(--share), var(--line) 0); border-radius: .2rem; }
`;
