#include "heed/nn/plot/internal/attention_page_parts.h"

namespace heed::nn {

std::string_view attention_page_style() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f8fa; --text: #1c2128; --soft: #57606a; --line: #d0d7de; --accent: #0b5cad;
  --picked: #dbeafe; --low: 242 245 249; --middle: 92 154 206; --high: 8 40 92; --odd: 242 193 78;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1c2128; --text: #e6eaf0; --soft: #9aa4b2; --line: #3a424d; --accent: #7cc0ff;
    --picked: #1f3a57; --low: 32 38 47; --middle: 52 112 176; --high: 196 228 255; --odd: 242 193 78;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 20px 24px 40px; max-width: 1280px; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 21px; margin: 0 0 14px; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 0 0 8px; font-weight: 650; overflow-wrap: anywhere; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; padding: 10px 14px; margin: 0 0 18px;
  background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.controls label, fieldset label { display: inline-flex; gap: 7px; align-items: center; }
fieldset { display: inline-flex; gap: 14px; border: 0; margin: 0; padding: 0; }
select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 6px; max-width: 22em; }
input { accent-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.field { color: var(--soft); }
.work { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
.figure { overflow: auto; max-width: 100%; padding: 2px 6px 6px 2px; }
.plot { display: grid; grid-template: auto auto / auto auto auto; width: max-content; column-gap: 8px; }
.token { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; color: var(--text);
  border-radius: 4px; cursor: default; }
.queries { grid-area: 2 / 1; }
.queries .token { max-width: 12em; text-align: right; padding: 0 6px; margin-left: auto; cursor: pointer; }
.drawing { grid-area: 2 / 2; position: relative; }
canvas { display: block; }
.top { grid-area: 1 / 2; display: flex; align-items: flex-end; padding-bottom: 5px; }
.top .token { writing-mode: vertical-rl; max-height: 11em; padding: 5px 0; flex: none; }
.top .token.upright { writing-mode: horizontal-tb; text-align: center; overflow: visible; }
.side { grid-area: 2 / 3; }
.side .token { max-width: 12em; padding: 0 6px; width: max-content; }
.token.near { background: var(--picked); }
.token.picked { background: var(--accent); color: var(--page); }
.mark { position: absolute; pointer-events: none; border: 2px solid var(--accent); display: none; }
.corner { grid-area: 1 / 1; align-self: end; text-align: right; color: var(--soft); font-size: 12px; padding: 0 6px 5px; }
.reading { flex: 1 1 230px; max-width: 340px; min-width: 220px; padding: 12px 14px; border: 1px solid var(--line);
  border-radius: 8px; background: var(--panel); position: sticky; top: 12px; }
.reading p { margin: 0 0 8px; overflow-wrap: anywhere; }
.reading ol { list-style: none; margin: 0; padding: 0; }
.reading li { display: grid; grid-template-columns: minmax(0, 1fr) 4.6em; gap: 1px 8px; padding: 2px 0; }
.reading li .token { text-align: left; }
.reading li .number { text-align: right; font-variant-numeric: tabular-nums; }
.reading li .bar { grid-column: 1 / 3; height: 4px; border-radius: 2px; background: var(--accent); }
.reading .hint { color: var(--soft); font-size: 13px; margin: 10px 0 0; }
.legend { display: flex; align-items: center; gap: 8px; margin: 12px 0 0; color: var(--soft); font-size: 13px; }
.ramp { width: 120px; height: 10px; border-radius: 3px; border: 1px solid var(--line);
  background: linear-gradient(90deg, rgb(var(--low)), rgb(var(--middle)), rgb(var(--high))); }
.lines .ramp { background: linear-gradient(90deg, transparent, var(--accent)); }
.heads { margin: 26px 0 0; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-end; padding: 7px 0; border-top: 1px solid var(--line); }
.row .name { flex: 0 0 220px; align-self: center; overflow-wrap: anywhere; font-size: 13px; color: var(--soft); }
.head { font-family: inherit; font-size: 12px; line-height: 1.2; color: inherit; background: none; border: 1px solid transparent;
  border-radius: 6px; padding: 4px; cursor: pointer; }
.head canvas { width: 64px; height: 64px; border: 1px solid var(--line); border-radius: 3px; image-rendering: pixelated; }
.head:hover { border-color: var(--line); background: var(--panel); }
@media (max-width: 700px) { .row .name { flex-basis: 100%; } }
.head[aria-pressed="true"] { border-color: var(--accent); background: var(--picked); }
)css";
}

std::string_view attention_page_body() {
  return R"html(<div class="controls">
<label><span class="field">Layer</span> <select id="layer"></select></label>
<label id="steps"><span class="field">Step</span> <input id="step" type="range" min="0" value="0"> <output id="step-name"></output></label>
<label><span class="field">Head</span> <select id="head"></select></label>
<fieldset aria-label="View"><label><input type="radio" name="view" value="matrix" checked> Matrix</label>
<label><input type="radio" name="view" value="lines"> Lines</label></fieldset>
<label><span class="field">Full colour at</span> <select id="scale"><option value="largest">largest weight here</option><option value="one">1</option></select></label>
</div>
<div class="work">
<div class="figure">
<div class="plot">
<div class="corner" id="corner"></div>
<div class="top" id="top" aria-hidden="true"></div>
<div class="queries" id="queries" role="listbox" tabindex="0" aria-label="Query tokens: arrows choose one, Escape none"></div>
<div class="drawing"><canvas id="drawing" role="img"></canvas><div class="mark" id="row-mark"></div><div class="mark" id="cell-mark"></div></div>
<div class="side" id="side" aria-hidden="true"></div>
</div>
<div class="legend" id="legend"><span>0</span><span class="ramp"></span><span id="largest"></span></div>
</div>
<section class="reading" aria-live="polite">
<h2 id="reading-title"></h2>
<p id="cell"></p>
<ol id="list"></ol>
<p class="hint">Point at a token or a cell; click to keep a token. Keys: arrows, Home, End, Escape; [ and ] change the head, v the view.</p>
</section>
</div>
<section class="heads" aria-label="All heads"><h2>All heads</h2><div id="overview"></div></section>
<noscript><p>This page draws with JavaScript, which is switched off.</p></noscript>
)html";
}

}  // namespace heed::nn
