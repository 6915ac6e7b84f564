#include "report/style_sheet.hpp"

namespace report
{

// Text has a contrast of at least 4.5 against what is behind it (WCAG 2.1 §1.4.3), in both schemes.
std::string_view style_sheet() noexcept
{
    return R"css(
:root {
  color-scheme: light;
  --ground: #ffffff; --panel: #f6f8fa; --text: #1f2328; --dim: #57606a; --line: #d0d7de;
  --green: #116329; --yellow: #7d4e00; --red: #a40e26; --magenta: #6639ba; --bar: #0a5cc2;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --ground: #0d1117; --panel: #161b22; --text: #e6edf3; --dim: #9aa4af; --line: #3d444d;
    --green: #56d364; --yellow: #e3b341; --red: #ff7b72; --magenta: #d2a8ff; --bar: #58a6ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1rem; max-width: 72rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0 0 1rem; font-size: 1.3rem; color: var(--dim); font-weight: 600; }
h2 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
h3 { margin: 0 0 .6rem; font-size: 1.1rem; }
p { margin: 0 0 .5rem; }
ul, ol { margin: 0; padding: 0; list-style: none; }
a { color: var(--bar); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .85rem; }
pre { margin: .5rem 0 0; white-space: pre-wrap; line-height: 1.4; }
article { border-top: 3px solid var(--line); padding: 1.25rem 0 2rem; }
section { margin: 1.5rem 0 0; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 600; }
.green { color: var(--green); }
.yellow { color: var(--yellow); }
.red { color: var(--red); }
.magenta { color: var(--magenta); }
.bold { font-weight: 600; }
.badge {
  display: inline-block; padding: 0 .5em; border: 1.5px solid; border-radius: .3em;
  font-size: .85rem; font-weight: 700; line-height: 1.5; white-space: nowrap;
}
h2 .badge { font-size: 1rem; vertical-align: .2em; }
.factor strong { font-size: 2.2rem; line-height: 1.1; }
.targets li { padding: .35rem 0; border-top: 1px solid var(--line); }
.data { width: 100%; font-size: .9rem; }
.data th, .data td { border-bottom: 1px solid var(--line); }
.data tbody th { font-weight: 400; }
.stages tr:last-child > * { border-bottom: 0; font-weight: 600; }
.findings > li, .chain {
  margin: 0 0 .75rem; padding: .6rem .8rem; background: var(--panel); border-left: 4px solid var(--line);
}
.findings > li.red { border-color: var(--red); }
.findings > li.yellow { border-color: var(--yellow); }
.findings > li { color: var(--text); }
.findings p:last-child { margin: 0; }
.lines li { padding: .1rem 0 .1rem 1rem; text-indent: -1rem; }
.grid { display: grid; gap: 1rem 2rem; align-items: start; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
figure { margin: 0; }
.grid.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figcaption, caption { text-align: left; font-weight: 600; font-size: .9rem; padding: 0 0 .4rem; }
.dim { color: var(--dim); font-size: .9rem; font-weight: 400; }
.chain ol { padding-left: .4rem; }
.chain li { position: relative; padding: 0 0 .9rem 1.6rem; border-left: 4px solid var(--green); }
.chain li::before {
  content: ""; position: absolute; left: calc(-.5rem - 2px); top: .2rem; width: 1rem; height: 1rem;
  border: 3px solid var(--green); border-radius: 50%; background: var(--ground);
}
.chain li:last-child { border-color: transparent; padding-bottom: 0; }
.chain li.doubtful::before { border-color: var(--yellow); }
.chain li.absent::before { border: 3px dashed var(--dim); }
.chain li.broken:not(:last-child), .chain li:has(+ .absent) { border-left: 4px dashed var(--red); }
.chain li.broken::before {
  content: "\d7"; border-color: var(--red); color: var(--red);
  font: 700 1.1rem/.6rem sans-serif; text-align: center;
}
.chain li p { margin: 0; }
.beside { margin-top: .6rem; padding-top: .6rem; border-top: 1px dashed var(--dim); }
.beside li, .chain .beside li { border: 0; padding: .2rem 0; }
.chain .beside li::before { display: none; }
.timeline li { padding: 0 0 .6rem; }
.timeline p { margin: 0; }
svg { display: block; }
svg text { fill: var(--text); font-size: .8rem; }
rect { fill: var(--bar); fill-opacity: .7; }
rect.green { fill: var(--green); }
rect.yellow { fill: var(--yellow); }
rect.red { fill: var(--red); }
rect.magenta { fill: var(--magenta); }
rect.track { fill: var(--line); fill-opacity: .5; }
line { stroke: var(--text); stroke-width: 2; }
line.limit { stroke-width: 1; stroke-dasharray: 3 3; }
.bars { width: 100%; font-size: .85rem; line-height: 1.2; }
.bars th { width: 4.5rem; font-weight: 400; padding: .1rem .5rem .1rem 0; }
.bars td { padding: .15rem 0; }
.bars td + td { width: 5.5rem; text-align: right; }
details { border-top: 1px solid var(--line); padding: .4rem 0; }
summary { cursor: pointer; font-weight: 600; padding: .2rem 0; }
@media screen and (max-width: 60rem) {
  .data, .data tbody, .data tr, .data th, .data td { display: block; padding: 0; border: 0; }
  .data thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .data tbody tr {
    display: grid; grid-template-columns: repeat(auto-fill, minmax(6.6rem, 1fr)); gap: .3rem .6rem;
    padding: .6rem 0; border-top: 1px solid var(--line);
  }
  .data tbody th { grid-column: 1 / -1; font-weight: 600; }
  .data td:empty { display: none; }
  .tls tbody tr { grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.5rem), 1fr)); }
  .changes td:last-child { grid-column: 1 / -1; }
  .data td::before { content: attr(data-title); display: block; color: var(--dim); font-size: .8rem; }
}
@media print {
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  .data { font-size: 8pt; }
  article { break-before: page; }
  article:first-of-type { break-before: auto; }
  h2, h3, figcaption { break-after: avoid; }
  .findings > li, .chain li, .timeline li, .bars, .data tr { break-inside: avoid; }
  .chain li::before, rect, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
)css";
}

} // namespace report
