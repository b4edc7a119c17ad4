// Makes the page show what an answer of the server says: what is there, required, computed and wrong.

import { form } from "./draft.js";

// Rows the server has judged; an empty row at the end is not among them and stays as it is.
const rowOf = (path) => path.split(".").slice(0, -1).join(".");

// Returns whether a field has another control now, so that the sections must be fetched again.
export function show(answer, touched) {
  const visible = new Set(answer.visible);
  const required = new Set(answer.required);
  const missing = new Set(answer.missing);
  const rows = new Set(["", ...answer.visible.map(rowOf)]);
  let outdated = false;
  for (const field of form.querySelectorAll("[data-path]")) {
    const path = field.dataset.path;
    if (!rows.has(rowOf(path))) continue;
    field.hidden = !visible.has(path);
    const optional = field.querySelector(":scope > .field-label [data-optional]");
    if (optional) optional.hidden = required.has(path);
    showText(field, path, answer);
    if (visible.has(path) && isOutdated(field, path in answer.computed)) outdated = true;
    showProblem(field, answer.problems[path], missing.has(path), touched.has(path) || isFilled(field));
  }
  fillIn(answer.filled ?? {});
  writeDays(answer.days ?? {});
  showTotals(answer.totals ?? {});
  if (hasOtherOptions(answer.options ?? {})) outdated = true;
  showSections(answer.sections);
  showNotices(answer.notices);
  for (const list of ["people", "signers"]) {
    document.getElementById(list).replaceChildren(...answer[list].map(([name, about]) => new Option(about, name)));
  }
  return outdated;
}

// A field that the server computes no longer and a person must fill in, or the other way round.
function isOutdated(field, isComputed) {
  return (field.querySelector(":scope > output.computed") !== null) !== isComputed;
}

function showText(field, path, answer) {
  const output = field.querySelector(":scope > output");
  if (output && path in answer.computed) output.value = answer.computed[path] || output.dataset.empty;
  const said = field.querySelector(":scope > .said");
  if (said) {
    said.textContent = answer.said[path] ?? "";
    said.hidden = !said.textContent;
  }
}

function showProblem(field, sentence, missing, known) {
  const place = field.querySelector(":scope > .field-error") ?? (sentence && known ? addErrorPlace(field) : null);
  if (!place || (!sentence && missing && !place.hidden)) return;
  const wrong = Boolean(sentence) && (known || !place.hidden);
  place.textContent = wrong ? sentence : "";
  place.hidden = !wrong;
  field.classList.toggle("is-wrong", wrong);
  for (const control of field.querySelectorAll("input, select, textarea")) {
    if (control.closest("[data-path]") !== field) continue;
    if (wrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

// A cell of a table has a place for its error only while there is one.
function addErrorPlace(cell) {
  const control = cell.querySelector("[id]");
  if (!cell.matches("td") || !control) return null;
  const place = Object.assign(document.createElement("p"), { className: "field-error", id: `${control.id}-error`, hidden: true });
  cell.append(place);
  control.setAttribute("aria-describedby", place.id);
  return place;
}

// Options that follow from what was just saved: the server lists them again.
function hasOtherOptions(versions) {
  return [...form.querySelectorAll("[data-options]")].some((control) => {
    const path = control.closest("[data-path]").dataset.path.split(".").filter((part) => !/^[0-9]+$/.test(part)).join(".");
    return path in versions && versions[path] !== control.dataset.options;
  });
}

function showTotals(totals) {
  for (const [path, text] of Object.entries(totals)) {
    const place = form.querySelector(`[data-total="${path}"]`);
    if (place) place.textContent = text;
  }
}

function isFilled(field) {
  if (field.matches("[data-rows]")) return field.querySelector("[data-row]") !== null;
  return [...field.querySelectorAll("input, select, textarea")].some((c) => (c.type === "radio" || c.type === "checkbox" ? c.checked : c.value));
}

// Cells that took their column's default: only where the person has written nothing.
function fillIn(filled) {
  for (const [path, value] of Object.entries(filled)) {
    for (const control of form.querySelectorAll(`[name="${path.replaceAll(".", "-")}"]`)) {
      if (control.type === "radio") control.checked = control.value === String(value);
      else if (!control.value && control !== document.activeElement) control.value = value;
    }
  }
}

// 明天 is written as the day it is: sent again tomorrow, it would be another. Never under the typing hand.
function writeDays(days) {
  for (const [path, value] of Object.entries(days)) {
    for (const control of form.querySelectorAll(`[name="${path.replaceAll(".", "-")}"]`)) {
      if (control !== document.activeElement && control.value && !/^\s*[0-9０-９]{4}/.test(control.value)) control.value = value;
    }
  }
}

function showSections(sections) {
  for (const section of sections) {
    const entry = form.querySelector(`[data-section="${section.id}"]`);
    entry.dataset.mark = section.mark;
    entry.querySelector("[data-mark-words]").textContent = section.words;
    entry.querySelector("[data-told]").textContent = section.told;
    entry.hidden = document.getElementById(section.id).hidden = !section.shown;
  }
}

function showNotices(notices) {
  const list = form.querySelector("[data-notices]");
  list.replaceChildren(...notices.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  list.hidden = !notices.length;
}
