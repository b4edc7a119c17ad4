// A copy of what could not be saved, kept for this tab and this person until it has been, for seven days at most.

import { form, typed } from "./draft.js";

const account = form?.elements.opened_by?.value ?? "";
const key = `draft-${account}-${form?.dataset.draft}`;
const OURS = new Set(["csrf_token", "version", "opened_by"]);
const LONGEST = 7 * 24 * 3600 * 1000;

export function keepCopy() {
  const fields = [...typed()].filter(([name]) => !OURS.has(name));
  try {
    sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), version: form.elements.version.value, fields }));
  } catch {
    // storage is full or switched off: the text is still on the page
  }
}

export function dropCopy() {
  sessionStorage.removeItem(key);
}

// Fills the form with the copy, if it was made on the version the page shows. Answers whether it did.
export function restoreCopy() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept || !(Date.now() - kept.at < LONGEST)) {
    dropCopy();
    return false;
  }
  if (kept.version !== form.elements.version.value) return false;
  const values = new Map();
  for (const [name, value] of kept.fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || OURS.has(control.name) || control.type === "file" || control.type === "submit") continue;
    const wanted = values.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = wanted.includes(control.value);
    else if (wanted.length) control.value = wanted.shift();
  }
  return true;
}
