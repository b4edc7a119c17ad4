// Sections of a form: on a narrow screen one at a time; what was carried over from another document is folded.

import { form } from "./draft.js";

const narrow = window.matchMedia("(max-width: 720px)");
const place = form?.querySelector("[data-section-place]");
const next = document.querySelector("[data-section-next]");
const list = form?.querySelector(".form-nav");
const openDetails = new Set();
let current = "";

const sections = () => [...form.querySelectorAll("[data-section-body]")].filter((section) => !section.hidden);
const titleOf = (id) => list.querySelector(`[data-section="${id}"] a`).textContent;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

function showOne() {
  const all = sections();
  const one = narrow.matches && all.length > 1;
  if (!all.some((section) => section.id === current)) current = all[0]?.id ?? "";
  const n = all.findIndex((section) => section.id === current);
  document.body.classList.toggle("by-section", one);
  for (const section of all) section.classList.toggle("is-away", one && section.id !== current);
  form.querySelector("[data-notices]").classList.toggle("is-away", one && n < all.length - 1);
  place.hidden = !one;
  place.querySelector("span").textContent = fill(place.dataset.wordsPlace, { n: n + 1, count: all.length });
  place.querySelector("[data-section-back]").hidden = n === 0;
  const isLast = n === all.length - 1;
  next.hidden = !one || isLast;
  if (!next.hidden) next.textContent = fill(next.dataset.wordsNext, { title: titleOf(all[n + 1].id) });
  document.body.classList.toggle("is-last-section", isLast);
}

function go(id) {
  current = id;
  list.classList.remove("is-shown");
  place.querySelector("[data-section-list]").setAttribute("aria-expanded", "false");
  showOne();
  window.scrollTo({ top: 0, behavior: "instant" });
  const heading = document.getElementById(id).querySelector("h2");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function step(by) {
  const all = sections();
  const n = all.findIndex((section) => section.id === current) + by;
  if (all[n]) go(all[n].id);
}

// Makes an element of the form visible: its section, and what it is folded in.
function reveal(element) {
  const section = element.closest("[data-section-body]");
  if (section && section.id !== current) {
    current = section.id;
    showOne();
  }
  for (let around = element.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
}

// Links of the page: the label and the first lines of the error are seen, not only the control.
document.addEventListener("click", (event) => {
  const link = event.target.closest('main a[href^="#"]');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target || !form?.contains(target)) return;
  event.preventDefault();
  if (target.matches("[data-section-body]")) {
    if (document.body.classList.contains("by-section")) return go(target.id);
    return target.scrollIntoView();
  }
  showField(target);
});

function showField(target) {
  reveal(target);
  target.focus({ preventScroll: true });
  (target.closest("[data-path]") ?? target).scrollIntoView();
}

function keepOpen(event) {
  if (!event.target.matches("[data-carried]")) return;
  if (event.target.open) openDetails.add(event.target.dataset.carried);
  else openDetails.delete(event.target.dataset.carried);
}

if (form) {
  const folded = new Set([...form.querySelectorAll("[data-carried]")].map((details) => details.dataset.carried));
  form.addEventListener("toggle", keepOpen, true);
  document.addEventListener("draft:reveal", (event) => reveal(event.detail.place));
  document.addEventListener("draft:replaced", () => {
    // a section folds when the page is opened, never under the hands of the person who fills it
    for (const details of form.querySelectorAll("[data-carried]")) {
      details.open = openDetails.has(details.dataset.carried) || !folded.has(details.dataset.carried);
    }
    showOne();
  });
  document.addEventListener("draft:saved", showOne);
  narrow.addEventListener("change", showOne);
  next.addEventListener("click", () => step(1));
  place.querySelector("[data-section-back]").addEventListener("click", () => step(-1));
  place.querySelector("[data-section-list]").addEventListener("click", (event) => {
    const shown = list.classList.toggle("is-shown");
    event.target.setAttribute("aria-expanded", String(shown));
  });
  const asked = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  current = asked?.closest("[data-section-body]")?.id ?? "";
  showOne();
  // a link pressed before this script was there, or the address of a field
  if (asked && form.contains(asked) && !asked.matches("[data-section-body]")) showField(asked);
}
