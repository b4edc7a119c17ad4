// The sample beside the form follows what is saved, a little later, and only where it can be seen. A page that stayed the
// same is not fetched again; lines that are new or changed are marked.

import { changedBoxes } from "./changes.js";

const PAUSE = 1500;
const sample = document.querySelector("[data-sample]");
const changes = document.querySelector("[data-sample-changes]");
let timer = 0;
let asked = 0;
let shownBefore = false;

async function refresh() {
  const pages = sample.querySelector("[data-sample-pages]");
  if (!pages.offsetParent) return;
  const mine = ++asked;
  pages.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(sample.dataset.sample, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-sample-pages]");
    if (mine !== asked) return;
    if (fresh) await swap(pages, fresh);
    else sample.querySelector("[data-sample-state]").textContent = page.querySelector("main .panel")?.textContent.trim() ?? "";
  } finally {
    pages.setAttribute("aria-busy", "false");
  }
}

// The new pictures are loaded before the old ones go, so that nothing flickers and the place is kept.
async function swap(pages, fresh) {
  const before = [...pages.querySelectorAll("img")];
  const known = new Map(before.map((picture) => [picture.src, picture]));
  const pictures = [...fresh.querySelectorAll("img")].map((picture) => {
    const imported = document.importNode(picture, true);
    return known.get(imported.src) ?? imported;
  });
  await Promise.allSettled(pictures.map((picture) => picture.decode()));
  let count = 0;
  const sheets = pictures.map((picture, n) => {
    // the first picture is that of the page as it was opened: nothing is new on it
    const boxes = shownBefore && before[n] && before[n] !== picture ? changedBoxes(before[n], picture) : [];
    count += boxes.length;
    return sheet(picture, boxes);
  });
  shownBefore = true;
  const place = pages.scrollTop;
  pages.replaceChildren(...sheets);
  pages.scrollTop = place;
  changes.hidden = !count;
  changes.querySelector("mark").textContent = changes.dataset.wordsChanges.replace("{n}", count);
}

function sheet(picture, boxes) {
  const frame = Object.assign(document.createElement("span"), { className: "sample-page" });
  frame.append(picture);
  if (boxes.length) frame.append(marked(picture, boxes));
  return frame;
}

function marked(picture, boxes) {
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
  canvas.setAttribute("aria-hidden", "true");
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--changed");
  for (const [left, top, right, bottom] of boxes) pen.fillRect(left, top, right - left, bottom - top);
  return canvas;
}

if (sample) {
  document.addEventListener("draft:saved", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  refresh();
}
