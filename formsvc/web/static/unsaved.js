// A copy of what is not saved yet, kept for this person until it is, for seven days at most: also when the tab is
// closed or the browser ends. It is sealed with a key that only the pages of this person have. Over plain http
// browsers have no WebCrypto: there the copy lies open, in this tab alone, and goes with it.

import { form, typed } from "./draft.js";

const account = form?.elements.opened_by?.value ?? "";
const name = `draft-${account}-${form?.dataset.draft}`;
const OURS = new Set(["csrf_token", "version", "opened_by"]);
const LONGEST = 7 * 24 * 3600 * 1000;
const cipher = (iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) });
const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
const toBytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const key = crypto.subtle && form
  ? crypto.subtle.importKey("raw", toBytes(form.dataset.unsavedKey), "AES-GCM", false, ["encrypt", "decrypt"])
  : null;
const storage = key ? localStorage : sessionStorage;
let turn = 0;

export async function keepCopy() {
  const mine = ++turn;
  const fields = [...typed()].filter(([field]) => !OURS.has(field));
  const copy = { at: Date.now(), version: form.elements.version.value, ...(await sealed(fields)) };
  // saved in the meantime, or a later copy is on its way
  if (mine !== turn) return;
  try {
    storage.setItem(name, JSON.stringify(copy));
  } catch {
    // storage is full or switched off: the text is still on the page
  }
}

async function sealed(fields) {
  if (!key) return { fields };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = await crypto.subtle.encrypt(cipher(iv), await key, new TextEncoder().encode(JSON.stringify(fields)));
  return { iv: toText(iv), text: toText(text) };
}

async function opened(kept) {
  if (kept.fields || !key) return kept.fields;
  try {
    const text = await crypto.subtle.decrypt(cipher(toBytes(kept.iv)), await key, toBytes(kept.text));
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    // of another person, of another draft, or from before the server's key changed
    return null;
  }
}

export function dropCopy() {
  turn++;
  storage.removeItem(name);
}

// Fills the form with the copy, if it was made on the version the page shows. Answers whether it did.
export async function restoreCopy() {
  const kept = JSON.parse(storage.getItem(name) ?? "null");
  const isOurs = kept && Date.now() - kept.at < LONGEST && kept.version === form.elements.version.value;
  const fields = isOurs ? await opened(kept) : null;
  if (!fields) {
    dropCopy();
    return false;
  }
  const values = new Map();
  for (const [field, value] of fields) values.set(field, [...(values.get(field) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || OURS.has(control.name) || control.type === "file" || control.type === "submit") continue;
    const wanted = values.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = wanted.includes(control.value);
    else if (wanted.length) control.value = wanted.shift();
  }
  return true;
}
