// Each change saves the whole draft, and the answer says what is visible, required, computed and wrong.

import { answered, busy, form, inTurn, offer, showAnswer, takeToken, takeVersion, tell, typed, words } from "./draft.js";
import { keepCopy, dropCopy, restoreCopy } from "./unsaved.js";
import { show } from "./shown.js";

const PAUSE = 900;
const KEEPING_PAUSE = 200;
const SLOW = 1000;
const RETRY = 10000;
let timer = 0;
let keeping = 0;
let unsaved = false;
let broken = false;
let brokenAt = "";
let retry = 0;
const touched = new Set();
// what was changed since the last save that worked
const unsent = new Set();

export function save() {
  clearTimeout(timer);
  clearTimeout(retry);
  return inTurn(send);
}

async function send(again = true) {
  if (!form.isConnected) return;
  unsaved = false;
  const slow = setTimeout(() => tell(words.wordsSaving, { state: "busy" }), SLOW);
  const sent = typed();
  let response;
  try {
    response = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
  } catch {
    return unreachable();
  } finally {
    clearTimeout(slow);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return saved(answer, sent);
  if (answer.csrf_token && again) {
    takeToken(answer.csrf_token);
    return send(false);
  }
  return refused(answer);
}

async function saved(answer, sent) {
  broken = false;
  unsent.clear();
  takeVersion(answer.version);
  dropCopy();
  const outdated = show(answer, touched);
  const left = answer.missing.length;
  tell(`${words.wordsSaved} ${answer.saved_at}`, { more: left ? fill(words.wordsLeft, { n: left }) : "" });
  if (answer.carried || outdated) await showAnswer(await fetch(form.action), "[data-sections]", sent);
  document.dispatchEvent(new CustomEvent("draft:saved", { detail: answer }));
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

function stopped(text, more) {
  if (!broken) brokenAt = new Date().toTimeString().slice(0, 5);
  unsaved = broken = true;
  keepCopy();
  tell(text, { more: more ?? fill(words.wordsKept, { time: brokenAt, n: Math.max(unsent.size, 1) }), state: "wrong" });
}

// Nobody answers: it is tried again by itself, and at a press.
function unreachable() {
  stopped(words.wordsOffline);
  offer(words.wordsRetry, save);
  retry = setTimeout(save, RETRY);
}

function refused(answer) {
  if (answer.sign_in) {
    stopped(words.wordsExpired, words.wordsStill);
    offer(words.wordsSignIn, () => window.open(answer.sign_in, "_blank"));
    return offer(words.wordsRetry, save);
  }
  if (!answer.version) {
    stopped(answer.message ? words.wordsRefused : words.wordsOffline, (answer.message ?? "") + (answer.remedy ?? ""));
    return offer(words.wordsRetry, save);
  }
  stopped(fill(words.wordsWindow, { time: answer.saved_at }), words.wordsBoth);
  offer(words.wordsOther, () => {
    // the version of this page is an old one: the answer is the page on which both stand side by side
    unsaved = false;
    form.submit();
  });
  return offer(words.wordsOverwrite, () => {
    takeVersion(answer.version);
    save();
  });
}

function pathOf(control) {
  return control.closest("[data-path]")?.dataset.path;
}

function soon(event) {
  const control = event.target;
  if (control.type === "file" || control.matches("[data-paste-area]") || !control.name) return;
  unsaved = true;
  unsent.add(pathOf(control));
  // sealing takes a moment that a closing page does not have
  clearTimeout(keeping);
  keeping = setTimeout(() => unsaved && keepCopy(), KEEPING_PAUSE);
  clearTimeout(timer);
  if (event.type === "change") {
    touched.add(pathOf(control));
    save();
  } else {
    timer = setTimeout(save, PAUSE);
  }
}

if (form) {
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  window.addEventListener("online", () => unsaved && save());
  window.addEventListener("beforeunload", (event) => {
    if (!unsaved) return;
    keepCopy();
    if (broken) event.preventDefault();
    else fetch(form.action, { method: "POST", body: typed(), headers: { Accept: "application/json" }, keepalive: true });
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (busy()) {
      // leaving a field saves it; the answer brings the version that this page must hand in
      event.preventDefault();
      answered().then(() => form.requestSubmit(event.submitter));
      return;
    }
    unsaved = false;
    clearTimeout(timer);
    setTimeout(() => document.querySelectorAll("[data-submit], [data-refresh]").forEach((b) => (b.disabled = true)));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-submit]").forEach((b) => (b.disabled = false)));
  document.querySelectorAll("[data-refresh]").forEach((button) => (button.hidden = true));
  restoreCopy().then((restored) => restored && save().then(() => tell(words.wordsRestored)));
}
