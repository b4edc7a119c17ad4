// A checklist: figures choose a result, what is chosen can be taken back, the rest is told with each save.

import { form } from "./draft.js";

const resultsOf = (control) => [...control.closest("[role=radiogroup]").querySelectorAll("input")];

function changed(control) {
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function clear(control) {
  for (const each of resultsOf(control)) each.checked = false;
  changed(control);
}

// 1 to 9 choose the result at that place; Delete and Backspace take the choice back.
form?.addEventListener("keydown", (event) => {
  const control = event.target;
  if (!control.matches(".seg input") || event.ctrlKey || event.altKey || event.metaKey) return;
  const wanted = resultsOf(control)[Number(event.key) - 1];
  if (wanted) {
    wanted.checked = true;
    wanted.focus();
    changed(wanted);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    clear(control);
  } else {
    return;
  }
  event.preventDefault();
});

// A press on the chosen result takes it back: radio buttons alone cannot do that.
let chosenBefore = null;
form?.addEventListener("pointerdown", (event) => {
  const control = event.target.closest(".seg label")?.querySelector("input");
  chosenBefore = control?.checked ? control : null;
});
form?.addEventListener("click", (event) => {
  if (event.target !== chosenBefore) return;
  chosenBefore = null;
  clear(event.target);
});

function setText(root, selector, text) {
  const place = root.querySelector(selector);
  if (place.textContent !== text) place.textContent = text;
}

function showRest(root, rest) {
  setText(root, "[data-checklist-progress]", rest.progress);
  root.querySelectorAll("[data-group-progress]").forEach((place, n) => (place.textContent = rest.groups[n] ?? ""));
  setText(root, "[data-rest-question]", rest.question);
  setText(root, "[data-rest-short]", rest.short);
  setText(root, "[data-rest-full]", rest.full.join("、"));
  setText(root, "[data-rest-recorded]", rest.recorded);
  setText(root, "[data-rest-confirm]", rest.button);
  setText(root, "[data-rest-asked-names]", rest.asked);
  for (const part of ["question", "writes", "confirm"]) root.querySelector(`[data-rest-${part}]`).hidden = !rest.count;
  root.querySelector("[data-rest-asked]").hidden = !rest.asked;
  root.querySelector("[data-rest]").hidden = !rest.count && !rest.asked;
}

document.addEventListener("draft:saved", (event) => {
  for (const [key, rest] of Object.entries(event.detail.checklists ?? {})) {
    const root = form.querySelector(`[data-checklist="${key}"]`);
    if (root) showRest(root, rest);
  }
});

function offerOnlyOpen(root) {
  root.querySelectorAll("[data-only-open]").forEach((button) => (button.hidden = false));
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-only-open]");
  if (!button) return;
  const only = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(only));
  const root = button.closest("[data-checklist]");
  for (const row of root.querySelectorAll(".check-item")) {
    row.hidden = only && row.querySelector(".seg input:checked") !== null;
    const described = row.nextElementSibling;
    if (described?.matches(".check-exception")) described.hidden = row.hidden;
  }
});

if (form) {
  offerOnlyOpen(form);
  document.addEventListener("draft:replaced", (event) => offerOnlyOpen(event.detail.root));
}
