//===- ReportStyle.cpp - Style sheet and script of the report ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Colours are those of Okabe and Ito, which people with any kind of colour
// vision tell apart; marks differ in shape as well. They must not know any
// measurement.
//
//===----------------------------------------------------------------------===//

#include "ReportStyle.h"

using namespace llvm;
using namespace seednorm::tuning;

static constexpr StringLiteral styleSheet = R"CSS(
:root{color-scheme:light dark;
--page:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#59626d;--rule:#d5dae0;
--grid:#e6e9ed;--accent:#0067a8;--bad:#b8470b;--bar:#9cc9e6;--dot:#6b7683;
--s0:#0072b2;--s1:#d55e00;--s2:#008f68;--s3:#b5578f;--s4:#c98500;--s5:#3a9bd1;
--s6:#59626d;
--q0:#0b5a8f;--q1:#3e86b5;--q2:#8fbedb;--q3:#c9dfec;--q4:#e9eff4;
--t0:#fff;--t1:#fff;--t2:#10202c;--t3:#10202c;--t4:#3c4650}
@media (prefers-color-scheme:dark){:root{
--page:#14171b;--panel:#1c2127;--ink:#e8ebee;--soft:#a3adb8;--rule:#3a424c;
--grid:#2a3038;--accent:#6cbcf0;--bad:#ff9a5c;--bar:#23587a;--dot:#8b96a3;
--s0:#5cb4ee;--s1:#ff8b3d;--s2:#2fc79b;--s3:#e08fc0;--s4:#f2b53d;--s5:#a3d8f7;
--s6:#a3adb8;
--q0:#7cc7f5;--q1:#4593c4;--q2:#2b648a;--q3:#23435a;--q4:#222b33;
--t0:#06121b;--t1:#06121b;--t2:#eef4f8;--t3:#dbe4ea;--t4:#aab4be}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
"Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1008px;margin:0 auto;padding:28px 24px 60px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px}
h2{font-size:20px;margin:44px 0 4px;padding-top:14px;
border-top:1px solid var(--rule)}
h3{font-size:16px;margin:22px 0 4px}
p{margin:6px 0 10px;max-width:80ch}
.soft,figcaption{color:var(--soft)}
code,pre,.code{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,
"DejaVu Sans Mono",monospace}
a{color:var(--accent)}
nav{margin:12px 0 0}
nav a{margin-right:16px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(145px,1fr));
gap:12px;margin:22px 0 14px}
.tile{background:var(--panel);border:1px solid var(--rule);border-radius:8px;
padding:12px 14px}
.tile b{display:block;font-size:26px;line-height:1.25;font-weight:650;
font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:13px}
.bad{color:var(--bad)}
figure{margin:10px 0 0}
.chart{overflow-x:auto}
svg{display:block;max-width:100%;height:auto}
.wide svg{min-width:720px}
.half svg{min-width:440px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));
gap:8px 24px;align-items:start}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:6px 0 2px;padding:0;
list-style:none;font-size:13.5px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px}
.legend svg{min-width:0;flex:none}
svg text{fill:var(--ink);font-size:13px}
svg .tick,svg .rooftext,svg .value{font-size:12.5px}
svg .tick{fill:var(--soft)}
svg .name{fill:var(--soft);font-size:13px}
svg .group{font-weight:650;paint-order:stroke;stroke:var(--page);stroke-width:4px}
svg .value{font-variant-numeric:tabular-nums}
svg .cell{font-size:12px;font-weight:600}
svg .small{font-size:10.5px}
svg .part{font-size:11px}
.grid{stroke:var(--grid);fill:none}
.axis{stroke:var(--soft);fill:none}
.one{stroke:var(--ink);stroke-width:1.4;fill:none}
.roof{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:7 4;fill:none}
.link{stroke-width:1.3;fill:none;opacity:.65}
.open{fill:var(--page);stroke-width:1.3}
.ci{stroke-width:6;opacity:.3;fill:none}
.stem{stroke-width:1.4;fill:none}
.bar{fill:var(--bar)}
.noise{fill:var(--grid)}
.dots{stroke-linecap:round;fill:none}
.kerneldots{stroke:var(--ink);stroke-width:4.5;opacity:.5}
.trialdots{stroke:var(--dot);stroke-width:4;opacity:.5}
.best{stroke:var(--s0);stroke-width:2.2;fill:none}
.bestmark{fill:var(--s0)}
.thin{stroke:var(--s0);stroke-width:1;opacity:.35;fill:none}
.median{stroke:var(--s1);stroke-width:2.8;fill:none}
.run{stroke:var(--soft);stroke-dasharray:2 3;fill:none}
.wrong{stroke:var(--s1);stroke-width:1.8;fill:none}
.crashed{fill:var(--s3)}
.hung{fill:var(--s4)}
.rejected{stroke:var(--soft);fill:none}
.l0{stroke:var(--s0)}.l1{stroke:var(--s1)}.l2{stroke:var(--s2)}
.l3{stroke:var(--s3)}.l4{stroke:var(--s4)}.l5{stroke:var(--s5)}
.l6{stroke:var(--s6)}
.f0{fill:var(--s0)}.f1{fill:var(--s1)}.f2{fill:var(--s2)}.f3{fill:var(--s3)}
.f4{fill:var(--s4)}.f5{fill:var(--s5)}.f6{fill:var(--s6)}
.q0{fill:var(--q0)}.q1{fill:var(--q1)}.q2{fill:var(--q2)}.q3{fill:var(--q3)}
.q4{fill:var(--q4)}
.few{stroke:var(--bad);stroke-dasharray:3 2;stroke-width:1.5}
svg .t0{fill:var(--t0)}svg .t1{fill:var(--t1)}svg .t2{fill:var(--t2)}
svg .t3{fill:var(--t3)}svg .t4{fill:var(--t4)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;margin:8px 0;
font-variant-numeric:tabular-nums}
th{text-align:right;font-weight:600;color:var(--soft);padding:6px 10px;
border-bottom:1px solid var(--rule);vertical-align:bottom}
td{text-align:right;padding:6px 10px;vertical-align:top;white-space:nowrap}
th.left,td.left{text-align:left}
td.left,td.more{white-space:normal}
tbody{border-bottom:1px solid var(--rule)}
td.more{text-align:left;padding-top:0}
pre{margin:2px 0 4px;padding:7px 10px;background:var(--panel);
border:1px solid var(--rule);border-radius:6px;font-size:12px;line-height:1.45;
white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}
.message{overflow-wrap:anywhere}
button{font:inherit;font-size:12px;padding:1px 9px;border-radius:5px;
border:1px solid var(--rule);background:var(--panel);color:var(--accent);
cursor:pointer;margin-left:8px}
input{font:inherit;width:min(360px,100%);padding:5px 10px;border-radius:6px;
border:1px solid var(--rule);background:var(--page);color:var(--ink)}
details{border:1px solid var(--rule);border-radius:8px;margin:6px 0;
padding:0 14px}
summary{cursor:pointer;padding:9px 0;font-weight:600}
summary span{font-weight:400;color:var(--soft)}
details[open]{padding-bottom:12px}
@media (max-width:600px){main{padding:18px 14px 40px}}
@media print{:root{--page:#fff;--ink:#000}
main{max-width:none;padding:0}
figure,.tile,tbody,details{break-inside:avoid}
h2,h3,summary{break-after:avoid}
nav,button,input{display:none}
.wide svg,.half svg{min-width:0}
details::details-content{content-visibility:visible;display:block;height:auto}}
)CSS";

static constexpr StringLiteral script = R"JS(
'use strict';
document.querySelectorAll('pre.schedule').forEach(function (pre) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async function () {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = 'Copied';
    } catch (error) {
      getSelection().selectAllChildren(pre);
      button.textContent = 'Selected';
    }
    setTimeout(function () { button.textContent = 'Copy'; }, 1500);
  });
  pre.before(button);
});
document.querySelectorAll('table.kernels').forEach(function (table) {
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'Show only kernels with …';
  input.setAttribute('aria-label', input.placeholder);
  input.addEventListener('input', function () {
    const words = input.value.toLowerCase().split(' ');
    for (const body of table.tBodies) {
      const text = body.textContent.toLowerCase();
      body.hidden = !words.every(function (word) { return text.includes(word); });
    }
  });
  table.parentElement.before(input);
});
let closed = [];
addEventListener('beforeprint', function () {
  closed = Array.from(document.querySelectorAll('details:not([open])'));
  closed.forEach(function (details) { details.open = true; });
});
addEventListener('afterprint', function () {
  closed.forEach(function (details) { details.open = false; });
});
)JS";

StringRef report::getStyleSheet() { return styleSheet; }
StringRef report::getScript() { return script; }
