/** Both themes from one set of colours; text keeps a contrast of 4.5 to 1 or more on its ground. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #101317);
  --surface: light-dark(#ffffff, #181c22);
  --raised: light-dark(#f0f2f5, #20252d);
  --line: light-dark(#dde1e7, #2d343e);
  --text: light-dark(#1b2029, #e5e9ef);
  --quiet: light-dark(#566072, #9aa5b5);
  --accent: light-dark(#1f5fbf, #7fb2ff);
  --critical: light-dark(#a3125f, #ff86c3);
  --high: light-dark(#b3261e, #ff8f85);
  --medium: light-dark(#8a5800, #f2b84b);
  --low: light-dark(#1f5fbf, #7fb2ff);
  --info: light-dark(#0f6b70, #6fd0d4);
  --good: light-dark(#1a6e37, #6fd08c);
  --mark: light-dark(#ffe1dd, #5c2320);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
html { scroll-padding-top: 8rem; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--accent); }
code, pre { font-family: var(--mono); font-size: .87em; }
h1, h2, h3, p, ul, dl, dd, pre { margin: 0; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.page { max-width: 74rem; margin: 0 auto; padding: 0 1.5rem; }
.top { border-bottom: 1px solid var(--line); background: var(--surface); padding: 1.5rem 0 1.25rem; }
.brand { display: flex; align-items: center; justify-content: space-between; gap: 1rem; color: var(--quiet); font-size: .87rem; }
.brand b { color: var(--text); letter-spacing: .02em; }
.top h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.015em; margin: .7rem 0 .3rem; }
.top h1::before { content: ""; display: inline-block; width: .62em; height: .62em; border-radius: 50%; margin-right: .45em; background: var(--high); }
.top.passed h1::before { background: var(--good); }
.sub { color: var(--quiet); }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: .6rem; margin-top: 1.1rem; }
.tile { border: 1px solid var(--line); border-top: 3px solid var(--of); border-radius: 8px; padding: .5rem .8rem .55rem; background: var(--surface); }
.tile b { display: block; font-size: 1.55rem; line-height: 1.2; font-variant-numeric: tabular-nums; color: var(--of); }
.tile.none b { color: var(--quiet); }
.tile span { color: var(--quiet); font-size: .87rem; }
.critical { --of: var(--critical); } .high { --of: var(--high); } .medium { --of: var(--medium); }
.low { --of: var(--low); } .info { --of: var(--info); } .error { --of: var(--high); }
.filters { position: sticky; top: 0; z-index: 2; background: var(--ground); border-bottom: 1px solid var(--line); }
.filters > .page { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .7rem; padding-top: .7rem; padding-bottom: .7rem; }
.filters fieldset { display: flex; flex-wrap: wrap; gap: .3rem; border: 0; margin: 0; padding: 0; }
.filters legend { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
input[type="search"], select, button {
  font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--line); border-radius: 7px; padding: .3rem .6rem; min-width: 0;
}
input[type="search"] { flex: 1 1 10rem; }
.filters select { max-width: 11rem; }
button { cursor: pointer; }
.chip { position: relative; display: inline-flex; }
.chip input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.chip span { border: 1px solid var(--line); border-radius: 99px; padding: .12rem .55rem; font-size: .87rem; color: var(--quiet); text-decoration: line-through; }
.chip input:checked + span { background: var(--surface); border-color: var(--of, var(--quiet)); color: var(--of, var(--text)); text-decoration: none; }
.chip input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
.shown { color: var(--quiet); font-size: .87rem; margin-left: auto; font-variant-numeric: tabular-nums; }
main.page { padding-top: 1.4rem; padding-bottom: 2rem; }
main > section { margin-bottom: 2rem; }
h2 { font-size: 1.02rem; margin-bottom: .7rem; }
h2 code { font-size: .95em; }
h2 small { color: var(--quiet); font-weight: 400; margin-left: .5rem; }
article {
  background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--of, var(--line)); border-radius: 8px;
  padding: .8rem 1rem; margin-bottom: .7rem; content-visibility: auto; contain-intrinsic-size: auto 13rem;
}
article.aside { border-left-color: var(--line); }
article header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .6rem; }
article h3 { font-size: 1rem; }
.badge { color: var(--of); font-weight: 650; font-size: .87rem; }
.tag { border: 1px solid var(--line); border-radius: 5px; padding: 0 .45rem; font-size: .8rem; color: var(--quiet); background: var(--raised); }
.rule { color: var(--quiet); }
.where { color: var(--quiet); font-size: .9rem; }
.detail { margin-top: .35rem; }
.source { margin-top: .6rem; background: var(--raised); border-radius: 6px; padding: .45rem 0; overflow-x: auto; line-height: 1.5; }
.source span { display: block; padding-right: 1rem; white-space: pre; }
.source span::before { content: attr(data-line); display: inline-block; width: 3.6rem; padding-right: .9rem; text-align: right; color: var(--quiet); }
.source .up { color: var(--quiet); }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: .08em .1em; margin: 0 -.1em; }
details summary { cursor: pointer; color: var(--accent); width: fit-content; }
article details { margin-top: .55rem; font-size: .95rem; }
.body > * + * { margin-top: .55rem; }
.body { margin-top: .45rem; }
.body pre, .said { background: var(--raised); border-radius: 6px; padding: .55rem .8rem; overflow-x: auto; }
.body dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; font-size: .9rem; }
.body dt { color: var(--quiet); }
.body ul, .list { padding-left: 1.2rem; }
.policies article { content-visibility: visible; }
footer { border-top: 1px solid var(--line); color: var(--quiet); font-size: .87rem; padding: 1rem 0 2rem; }
.empty { color: var(--quiet); padding: 2rem 0; text-align: center; }
@media (max-width: 40rem) {
  .page, main.page { padding-left: .9rem; padding-right: .9rem; }
  .top h1 { font-size: 1.25rem; }
  .tiles { grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .35rem; }
  .tile { padding: .35rem .3rem; text-align: center; }
  .tile b { font-size: 1.2rem; }
  .tile span { font-size: .72rem; }
  .filters { position: static; }
  .source span::before { width: 2.6rem; padding-right: .6rem; }
  .shown { margin-left: 0; }
  .filters select { max-width: 100%; flex: 1 1 9rem; }
}
@media print {
  .filters { display: none; }
  article { content-visibility: visible; break-inside: avoid; }
}
`;
