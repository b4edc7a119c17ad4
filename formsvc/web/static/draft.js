// The draft on this page and the one road to the server: requests go one after the other.

export const form = document.querySelector("#draft");
export const words = form?.dataset ?? {};
const status = document.querySelector("[data-save-state]");
const spoken = document.querySelector("[data-save-spoken]");
let told = "saved";
let last = Promise.resolve();
let underWay = 0;

// Everything typed, without files and without the areas for pasting, which only buttons send.
export function typed() {
  const fields = new FormData(form);
  for (const name of [...fields.keys()]) {
    if (name.startsWith("pasted-") || fields.get(name) instanceof File) fields.delete(name);
  }
  return fields;
}

// Tells the state of saving in the bar. It is spoken when saving begins to fail and when it works again.
export function tell(text, { more = "", state = "saved" } = {}) {
  const about = Object.assign(document.createElement("span"), { className: "quiet", textContent: more });
  status.replaceChildren(Object.assign(document.createElement("b"), { textContent: text }), " ", about);
  status.classList.toggle("is-wrong", state === "wrong");
  status.classList.toggle("is-busy", state === "busy");
  if (state !== "busy" && state !== told) {
    told = state;
    spoken.textContent = more ? `${text}。${more}` : text;
  }
}

export function tellTrouble(trouble) {
  tell(trouble instanceof TypeError ? words.wordsOffline : trouble.message, { state: "wrong" });
}

export function offer(text, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button is-small", textContent: text });
  button.addEventListener("click", act);
  status.append(" ", button);
}

// Runs tasks one at a time, so that each sends the version the one before it was answered with.
export function inTurn(task) {
  underWay += 1;
  const result = last.then(task, task).finally(() => (underWay -= 1));
  last = result.catch(() => {});
  return result;
}

// Whether a request is under way, and when all of them are answered.
export const busy = () => underWay > 0;
export const answered = () => last;

export function takeVersion(version) {
  form.elements.version.value = version;
}

export function takeToken(token) {
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
}

// Puts a part of the form as the server sees it in place of ours. What was typed since `sent` went out, and the
// place of the cursor, are kept. Answers where to go.
export async function showAnswer(response, selector, sent) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("#draft");
  if (!response.ok || !fresh) {
    const said = page.querySelector("main .panel, main .notice");
    throw new Error(said ? said.textContent.trim() : response.statusText);
  }
  takeVersion(fresh.elements.version.value);
  const typedSince = [...typed()].filter(([name, text]) => sent.has(name) && sent.get(name) !== text);
  const place = document.activeElement?.id;
  const [ours, theirs] = [document.querySelector(selector), page.querySelector(selector)];
  if (ours && theirs) ours.replaceWith(theirs);
  for (const [name, text] of typedSince) {
    const control = form.elements[name];
    if (control?.matches?.("input[type=text], textarea, select")) control.value = text;
  }
  if (place) document.getElementById(place)?.focus({ preventScroll: true });
  document.querySelectorAll(".page > .notice[role=status]").forEach((old) => old.remove());
  const told = [...page.querySelectorAll(".page > .notice[role=status]")];
  form.before(...told);
  if (!fresh.dataset.focus) told[0]?.scrollIntoView({ block: "center" });
  document.dispatchEvent(new CustomEvent("draft:replaced", { detail: { root: theirs ?? form } }));
  return fresh.dataset.focus;
}

export function focusOn(id) {
  const place = id && document.getElementById(id);
  if (!place) return;
  document.dispatchEvent(new CustomEvent("draft:reveal", { detail: { place } }));
  place.focus();
  place.scrollIntoView({ block: "center" });
}
