#include "heed/nn/plot/internal/attention_page_parts.h"

namespace heed::nn {

std::string_view attention_page_script() {
  return R"js("use strict";
// Tokens reach the page by textContent and title alone: they are data, never markup.
const byId = id => document.getElementById(id);
const maps = JSON.parse(byId("data").textContent).maps.map(map => {
  const bytes = Uint8Array.from(atob(map.weights), c => c.charCodeAt(0));
  const view = new DataView(bytes.buffer), weights = new Float32Array(bytes.length / 4);
  for (let i = 0; i < weights.length; ++i) weights[i] = view.getFloat32(4 * i, true);
  return {...map, weights};
});
const layers = [];
for (const map of maps) {
  let layer = layers.find(l => l.name === map.layer);
  if (!layer) layers.push(layer = {name: map.layer, group: map.group, steps: []});
  layer.steps.push(map);
}

// layer and step are indices, head too, or "mean"; query is the row that is kept, -1 for none.
const state = {layer: 0, step: 0, head: 0, view: "matrix", scale: "largest", query: -1};
let near = {query: -1, key: -1};  // what the pointer is at

const current = () => layers[state.layer].steps[state.step];
// Control characters and what would turn the direction of the text behind it are shown, not done.
const shown = token => token === "" ? "\u2205" : token === " " ? "\u2423" : token.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g,
  c => c < "\u0020" ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : c === "\u007f" ? "\u2421" : "\ufffd");
const short = token => [...shown(token)].slice(0, 200).join("");  // as much as is ever seen
const graphemes = text => Intl.Segmenter ? [...new Intl.Segmenter().segment(text)].length : [...text].length;
const written = w => Number.isFinite(w) ? (w === 0 || Math.abs(w) >= 0.00005 ? w.toFixed(4) : w.toExponential(1)) : String(w).replace("Infinity", "\u221e");

function weight(map, head, query, key) {
  const rows = map.queries.length, columns = map.keys.length, at = query * columns + key;
  if (head !== "mean") return map.weights[head * rows * columns + at];
  let sum = 0;
  for (let h = 0; h < map.heads; ++h) sum += map.weights[h * rows * columns + at];
  return sum / map.heads;
}

function largest(map, head) {
  let most = 0;
  for (let q = 0; q < map.queries.length; ++q)
    for (let k = 0; k < map.keys.length; ++k) {
      const w = weight(map, head, q, k);
      if (Number.isFinite(w) && w > most) most = w;
    }
  return most;
}
const darkest = (map, head) => state.scale === "one" ? 1 : largest(map, head) || 1;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const parts = name => style.getPropertyValue(name).trim().split(/\s+/).map(Number);
  return {low: parts("--low"), middle: parts("--middle"), high: parts("--high"), odd: parts("--odd"),
    accent: style.getPropertyValue("--accent"), page: style.getPropertyValue("--page")};
}

function shade(w, most, ramp) {
  if (!Number.isFinite(w)) return ramp.odd;
  const x = Math.min(Math.max(w / most, 0), 1), [a, b] = x < 0.5 ? [ramp.low, ramp.middle] : [ramp.middle, ramp.high];
  const t = x < 0.5 ? 2 * x : 2 * x - 1;
  return a.map((c, i) => Math.round(c + (b[i] - c) * t));
}

// The map as an image of one pixel for each weight.
function image(map, head, ramp) {
  const canvas = document.createElement("canvas"), rows = map.queries.length, columns = map.keys.length;
  canvas.width = Math.max(columns, 1);
  canvas.height = Math.max(rows, 1);
  if (rows * columns === 0) return canvas;
  const context = canvas.getContext("2d"), pixels = context.createImageData(columns, rows), most = darkest(map, head);
  for (let q = 0; q < rows; ++q)
    for (let k = 0; k < columns; ++k)
      pixels.data.set([...shade(weight(map, head, q, k), most, ramp), 255], 4 * (q * columns + k));
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function sized(canvas, width, height) {
  const sharp = Math.min(window.devicePixelRatio || 1, 8000 / Math.max(width, height, 1));
  canvas.width = Math.max(Math.round(width * sharp), 1);
  canvas.height = Math.max(Math.round(height * sharp), 1);
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.scale(sharp, sharp);
  return context;
}

const lineWidth = 280;  // of the line view
function cellSize() {
  const map = current(), most = Math.max(map.queries.length, map.keys.length, 1);
  if (state.view === "lines") return Math.min(Math.max(Math.floor(760 / most), 16), 26);
  return Math.min(Math.max(Math.floor(800 / most), most > 1000 ? 1 : 4), 30);
}

function drawMatrix() {
  const map = current(), cell = cellSize(), width = cell * map.keys.length, height = cell * map.queries.length;
  const context = sized(byId("drawing"), width, height), ramp = colours();
  context.imageSmoothingEnabled = false;
  if (width * height) context.drawImage(image(map, state.head, ramp), 0, 0, width, height);
  if (cell < 8) return;
  context.fillStyle = ramp.page;
  for (let k = 1; k <= map.keys.length; ++k) context.fillRect(k * cell - 1, 0, 1, height);
  for (let q = 1; q <= map.queries.length; ++q) context.fillRect(0, q * cell - 1, width, 1);
}

function drawLines() {
  const map = current(), cell = cellSize(), rows = map.queries.length, columns = map.keys.length;
  const context = sized(byId("drawing"), lineWidth, cell * Math.max(rows, columns)), ramp = colours(), most = darkest(map, state.head);
  const row = near.query >= 0 ? near.query : near.key >= 0 ? -1 : state.query, column = near.query >= 0 ? -1 : near.key;
  const odd = `rgb(${ramp.odd.join(" ")})`;
  for (let q = 0; q < rows; ++q)
    for (let k = 0; k < columns; ++k) {
      const w = weight(map, state.head, q, k), finite = Number.isFinite(w);
      let opacity = finite ? Math.min(Math.max(w / most, 0), 1) : 1;
      if ((row >= 0 && q !== row) || (column >= 0 && k !== column)) opacity *= 0.06;
      if (opacity < 0.004) continue;
      context.globalAlpha = opacity;
      context.strokeStyle = finite ? ramp.accent : odd;
      context.lineWidth = finite ? 1 + 2 * opacity : 2;
      context.setLineDash(finite ? [] : [5, 4]);
      context.beginPath();
      const from = (q + 0.5) * cell, to = (k + 0.5) * cell;
      context.moveTo(0, from);
      context.bezierCurveTo(lineWidth / 3, from, 2 * lineWidth / 3, to, lineWidth, to);
      context.stroke();
    }
  context.globalAlpha = 1;
}

function tokenElement(token, kind, index) {
  const element = document.createElement("div");
  element.className = "token";
  element.dir = "auto";
  element.textContent = short(token);
  element.title = token;
  element.dataset[kind] = index;
  return element;
}

function fillTokens() {
  const map = current(), cell = cellSize(), lines = state.view === "lines", size = Math.min(13, Math.max(cell * 0.76, 9));
  const visible = cell >= 9;
  byId("queries").replaceChildren(...map.queries.map((token, q) => {
    const element = tokenElement(token, "query", q);
    element.id = "query-" + q;
    element.setAttribute("role", "option");
    element.style.cssText = `height:${cell}px;line-height:${cell}px;font-size:${visible ? size : 0}px`;
    return element;
  }));
  byId("top").replaceChildren(...(lines || !visible ? [] : map.keys.map((token, k) => {
    const element = tokenElement(token, "key", k);
    element.classList.toggle("upright", graphemes(short(token)) < 2 || (shown(token).length < 3 && cell >= 20));
    element.style.cssText = `width:${cell}px;font-size:${size}px;line-height:${cell}px`;
    return element;
  })));
  byId("side").replaceChildren(...(lines ? map.keys.map((token, k) => {
    const element = tokenElement(token, "key", k);
    element.style.cssText = `height:${cell}px;line-height:${cell}px;font-size:${size}px`;
    return element;
  }) : []));
  byId("corner").textContent = lines ? "" : "query \u2193  key \u2192";
}

function place(mark, left, top, width, height) {
  mark.style.cssText = left === null ? "display:none" : `display:block;left:${left - 1}px;top:${top - 1}px;width:${width + 1}px;height:${height + 1}px`;
}

// What depends on the pointer and the kept row alone.
function showReading() {
  const map = current(), row = near.query >= 0 ? near.query : state.query, cell = cellSize(), matrix = state.view === "matrix";
  const most = darkest(map, state.head);
  for (const element of document.querySelectorAll(".token")) {
    const q = element.dataset.query, k = element.dataset.key;
    element.classList.toggle("picked", q !== undefined && +q === state.query);
    element.classList.toggle("near", (q !== undefined && +q === near.query) || (k !== undefined && +k === near.key));
    if (q !== undefined) element.setAttribute("aria-selected", String(+q === state.query));
  }
  if (state.query >= 0) byId("queries").setAttribute("aria-activedescendant", "query-" + state.query);
  else byId("queries").removeAttribute("aria-activedescendant");
  place(byId("row-mark"), matrix && row >= 0 ? 0 : null, row * cell, map.keys.length * cell, cell);
  place(byId("cell-mark"), matrix && near.query >= 0 && near.key >= 0 ? near.key * cell : null, near.query * cell, cell, cell);
  const isolated = token => "\u2068" + short(token) + "\u2069";
  byId("cell").textContent = near.query >= 0 && near.key >= 0
    ? isolated(map.queries[near.query]) + " \u2192 " + isolated(map.keys[near.key]) + ": " + written(weight(map, state.head, near.query, near.key)) : "";
  // A row by its keys, or what looks at one key by its queries.
  const column = row < 0 ? near.key : -1, others = column >= 0 ? map.queries : map.keys;
  byId("reading-title").textContent = row >= 0 ? isolated(map.queries[row]) + " looks at"
    : column >= 0 ? "Looking at " + isolated(map.keys[column]) : "Where it looks";
  const found = row < 0 && column < 0 ? [] : others.map((token, i) => ({token, w: weight(map, state.head, row >= 0 ? row : i, row >= 0 ? i : column)}));
  const order = x => Number.isFinite(x.w) ? x.w : Infinity;
  found.sort((a, b) => order(b) === order(a) ? 0 : order(b) - order(a));
  byId("list").replaceChildren(...found.slice(0, 8).map(({token, w}) => {
    const item = document.createElement("li"), name = document.createElement("bdi"), number = document.createElement("span"), bar = document.createElement("span");
    name.className = "token";
    name.textContent = short(token);
    name.title = token;
    number.className = "number";
    number.textContent = written(w);
    number.title = String(w);
    bar.className = "bar";
    bar.style.width = (Number.isFinite(w) ? Math.min(Math.max(w / most, 0), 1) * 100 : 0) + "%";
    item.append(name, number, bar);
    return item;
  }));
  if (!matrix) drawLines();
}

function fillOverview() {
  const ramp = colours();
  byId("overview").replaceChildren(...layers.map((layer, l) => {
    const row = document.createElement("div"), name = document.createElement("div"), map = layer.steps[Math.min(state.step, layer.steps.length - 1)];
    row.className = "row";
    name.className = "name";
    name.textContent = layerName(layer);
    row.append(name);
    for (let head = 0; head < map.heads; ++head) {
      const button = document.createElement("button");
      button.className = "head";
      button.type = "button";
      button.setAttribute("aria-pressed", String(l === state.layer && head === state.head));
      button.setAttribute("aria-label", layerName(layer) + ", head " + head);
      button.append(image(map, head, ramp), String(head));
      button.addEventListener("click", () => change({layer: l, head}));
      row.append(button);
    }
    return row;
  }));
}

const layerName = layer => layer.name || "attention";

function fillControls() {
  const map = current(), layer = layers[state.layer];
  byId("layer").value = state.layer;
  byId("steps").hidden = layer.steps.length === 1;
  byId("steps").style.display = byId("steps").hidden ? "none" : "";
  byId("step").max = layer.steps.length - 1;
  byId("step").value = state.step;
  byId("step-name").textContent = map.step || String(state.step);
  byId("head").replaceChildren(...Array.from({length: map.heads}, (_, h) => new Option(h, h)));
  if (map.heads > 1) byId("head").append(new Option("mean of all", "mean"));
  byId("head").value = state.head;
  byId("scale").value = state.scale;
  for (const radio of document.getElementsByName("view")) radio.checked = radio.value === state.view;
  byId("legend").classList.toggle("lines", state.view === "lines");
  byId("largest").textContent = written(darkest(map, state.head));
  byId("drawing").setAttribute("aria-label", `Weights of ${layerName(layer)}, head ${state.head}: ${map.queries.length} queries, ${map.keys.length} keys`);
}

function draw() {
  fillControls();
  fillTokens();
  if (state.view === "matrix") drawMatrix();
  showReading();
  fillOverview();
}

// Brings the state into what there is, shows it and keeps it in the address.
function change(changes) {
  Object.assign(state, changes);
  const within = (value, size) => Number.isInteger(+value) && +value >= 0 && +value < size;
  state.layer = within(state.layer, layers.length) ? +state.layer : 0;
  const steps = layers[state.layer].steps;
  state.step = within(state.step, steps.length) ? +state.step : steps.length - 1;
  const map = current();
  if (state.head !== "mean") state.head = within(state.head, map.heads) ? +state.head : 0;
  state.query = within(state.query, map.queries.length) ? +state.query : -1;
  if (state.view !== "lines") state.view = "matrix";
  if (state.scale !== "one") state.scale = "largest";
  near = {query: -1, key: -1};
  draw();
  try {
    history.replaceState(null, "", "#" + new URLSearchParams(state));
  } catch {
    // an address that may not change shows the same
  }
}

function point(query, key) {
  if (near.query === query && near.key === key) return;
  near = {query, key};
  showReading();
}

function cellAt(event) {
  const map = current(), cell = cellSize(), query = Math.floor(event.offsetY / cell), key = Math.floor(event.offsetX / cell);
  const inside = query >= 0 && key >= 0 && query < map.queries.length && key < map.keys.length;
  return inside && state.view === "matrix" ? {query, key} : {query: -1, key: -1};
}

const index = (element, kind) => element instanceof HTMLElement && element.dataset[kind] !== undefined ? +element.dataset[kind] : -1;
for (const id of ["queries", "top", "side"]) {
  byId(id).addEventListener("pointermove", event => point(index(event.target, "query"), index(event.target, "key")));
  byId(id).addEventListener("pointerleave", () => point(-1, -1));
}
byId("queries").addEventListener("click", event => {
  const query = index(event.target, "query");
  if (query >= 0) change({query: query === state.query ? -1 : query});
});
byId("drawing").addEventListener("pointermove", event => {
  const {query, key} = cellAt(event);
  point(query, key);
});
byId("drawing").addEventListener("pointerleave", () => point(-1, -1));
byId("drawing").addEventListener("click", event => {
  const {query} = cellAt(event);
  if (query >= 0) change({query: query === state.query ? -1 : query});
});
byId("queries").addEventListener("keydown", event => {
  const last = current().queries.length - 1;
  const to = {ArrowDown: Math.min(state.query + 1, last), ArrowUp: Math.max(state.query - 1, 0), Home: 0, End: last, Escape: -1}[event.key];
  if (to === undefined) return;
  event.preventDefault();
  change({query: to});
  byId("query-" + to)?.scrollIntoView({block: "nearest"});
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
  const heads = current().heads, head = state.head === "mean" ? -1 : state.head;
  if (event.key === "[") change({head: (head - 1 + heads) % heads});
  if (event.key === "]") change({head: (head + 1) % heads});
  if (event.key === "v") change({view: state.view === "lines" ? "matrix" : "lines"});
});

const groups = [...new Set(layers.map(l => l.group))];
for (const group of groups) {
  const options = layers.flatMap((layer, i) => layer.group === group ? [new Option(layerName(layer), i)] : []);
  if (groups.length === 1 || group === "") byId("layer").append(...options);
  else {
    const list = document.createElement("optgroup");
    list.label = group;
    list.append(...options);
    byId("layer").append(list);
  }
}
byId("layer").addEventListener("change", event => change({layer: event.target.value}));
byId("step").addEventListener("input", event => change({step: event.target.value}));
byId("head").addEventListener("change", event => change({head: event.target.value}));
byId("scale").addEventListener("change", event => change({scale: event.target.value}));
for (const radio of document.getElementsByName("view")) radio.addEventListener("change", () => change({view: radio.value}));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
const fromAddress = () => change(Object.fromEntries([...new URLSearchParams(location.hash.slice(1))].filter(([name]) => name in state)));
window.addEventListener("hashchange", fromAddress);
fromAddress();
document.documentElement.dataset.ready = "yes";
)js";
}

}  // namespace heed::nn
