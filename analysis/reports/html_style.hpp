// The style of a report's page.
#pragma once

#include <string_view>

namespace elblab::reports {

// Light by default, dark where the reader's system is, ink-saving on paper.
inline constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #1c2328; --soft: #5b6670; --line: #d9dfe4; --page: #fff;
  --card: #f6f8f9; --good: #007a55; --bad: #b3261e; --warn: #9a5b00; --bar: #9cc4de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e8ec; --soft: #9aa6b0; --line: #3a444c; --page: #14191d; --card: #1c2328;
    --good: #4cc38a; --bad: #ff8a80; --warn: #e6b450; --bar: #2f5f7d; }
  svg text { fill: #9aa6b0; } svg .grid { stroke: #2a333a; } svg .axis { stroke: #5b6670; }
  svg .c0 { stroke: #56b4e9; } svg .f0 { fill: #56b4e9; } svg .c1 { stroke: #f08a3c; }
  svg .f1 { fill: #f08a3c; } svg .c2 { stroke: #3fc79a; } svg .f2 { fill: #3fc79a; }
  svg .c4 { stroke: #8fd0ff; } svg .band { fill: #3fc79a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; padding-bottom: .25rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
p { margin: .4rem 0; } .dim { color: var(--soft); } .good { color: var(--good); }
.bad { color: var(--bad); } .warning { color: var(--warn); }
.badge { display: inline-block; padding: .1rem .6rem; border: 1px solid currentColor;
  border-radius: 1rem; font-size: .85rem; font-weight: 600; white-space: nowrap; }
nav { margin: .8rem 0; font-size: .85rem; } nav a { color: var(--soft); margin-right: .9rem; }
.scroll { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th { text-align: left; color: var(--soft); font-weight: 600; vertical-align: bottom; }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; overflow-wrap: break-word; } th.n, td.n { text-align: right;
  overflow-wrap: normal; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:first-child { overflow-wrap: normal; }
td.bad, td.good, td.warning { font-weight: 600; }
.share { display: inline-block; position: relative; width: 5rem; height: .7rem; margin-right: .5rem;
  background: var(--card); border: 1px solid var(--line); vertical-align: -1px; }
.share i { position: absolute; left: 0; top: 0; bottom: 0; background: var(--bar); }
.share b { position: absolute; top: -3px; bottom: -3px; width: 2px; background: var(--ink); }
.share + span { display: inline-block; min-width: 3.8rem; }
.remark { font-size: .8rem; color: var(--soft); }
.finding { background: var(--card); border-left: 4px solid var(--line); padding: .7rem 1rem;
  margin: .7rem 0; } .finding.bad { border-color: var(--bad); color: inherit; }
.finding.warning { border-color: var(--warn); color: inherit; } .finding.dim { color: inherit; }
.finding .badge { margin-left: .4rem; } .finding.bad .badge { color: var(--bad); }
.finding.warning .badge { color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem .9rem; margin: 0;
  font-size: .9rem; } dt { color: var(--soft); max-width: 12rem; } dd { margin: 0; }
dd code { display: block; font-size: .75rem; color: var(--soft); overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr));
  gap: 1rem 1.5rem; } figure { margin: 0; break-inside: avoid; }
figcaption { font-weight: 600; font-size: .9rem; } svg { width: 100%; height: auto; display: block; }
footer { margin-top: 2.5rem; font-size: .8rem; color: var(--soft); }
.k0 { --heat: #f7fbff; --on-heat: #1c2328; } .k1 { --heat: #deebf7; --on-heat: #1c2328; }
.k2 { --heat: #c6dbef; --on-heat: #1c2328; } .k3 { --heat: #9ecae1; --on-heat: #1c2328; }
.k4 { --heat: #6baed6; --on-heat: #1c2328; } .k5 { --heat: #4292c6; --on-heat: #1c2328; }
.k6 { --heat: #2171b5; --on-heat: #fff; } .k7 { --heat: #08519c; --on-heat: #fff; }
.k8 { --heat: #08306b; --on-heat: #fff; }
@media screen and (prefers-color-scheme: dark) {
  .k0 { --heat: #08306b; --on-heat: #fff; } .k1 { --heat: #08519c; --on-heat: #fff; }
  .k2 { --heat: #2171b5; --on-heat: #fff; } .k3 { --heat: #4292c6; --on-heat: #1c2328; }
  .k4 { --heat: #6baed6; --on-heat: #1c2328; } .k5 { --heat: #9ecae1; --on-heat: #1c2328; }
  .k6 { --heat: #c6dbef; --on-heat: #1c2328; } .k7 { --heat: #deebf7; --on-heat: #1c2328; }
  .k8 { --heat: #f7fbff; --on-heat: #1c2328; }
}
.heat { margin: .6rem 0 1.2rem; } .heat table { width: auto; font-variant-numeric: tabular-nums; }
.heat th, .heat td { padding: .2rem .5rem; border: 1px solid var(--page); text-align: right;
  white-space: nowrap; } .heat th.across { text-align: center; }
.heat td { background: var(--heat); color: var(--on-heat); }
.heat td.none, .heat td.unrun { background: var(--card); color: var(--soft); }
.heat td.unrun { background-image: repeating-linear-gradient(45deg, transparent 0 4px,
  var(--line) 4px 5px); }
.heat .scale { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; font-size: .8rem;
  color: var(--soft); margin-top: .3rem; } .heat .scale i { display: inline-block; width: 1.4rem;
  height: .8rem; background: var(--heat); } .heat .scale span { display: inline-flex; }
@media print { :root { color-scheme: light; } @page { size: A4; margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  h2 { break-after: avoid; } tr, .finding { break-inside: avoid; }
  .charts { grid-template-columns: 1fr 1fr; } .scroll { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)css";

}  // namespace elblab::reports
