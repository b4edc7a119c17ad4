// Keys that people's hands know: Ctrl+K to search, Ctrl+S that says it is saved, Enter to the next row.

const summary = document.querySelector("[data-error-summary]");
summary?.focus();

document.addEventListener("keydown", async (event) => {
  // the key belongs to the input method, which takes the word with it; 229 is what Safari calls it then
  if (event.isComposing || event.keyCode === 229) return;
  const letter = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && letter === "k") {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if ((event.ctrlKey || event.metaKey) && letter === "s" && document.querySelector("#draft")) {
    event.preventDefault();
    (await import("./autosave.js")).save();
  } else if (event.key === "Enter" && event.target.matches("#draft input:not([type=file]), #draft [data-line]")) {
    event.preventDefault();
    toNextRow(event.target);
  }
});

// In a table Enter goes to the same column of the next row, as in a spreadsheet; at the last row it adds one.
function toNextRow(control) {
  const steps = control.closest("[data-path]").dataset.path.split(".");
  if (steps.length < 3) return;
  const [row, column] = steps.slice(-2);
  const key = steps.slice(0, -2).join("-");
  const next = document.getElementById(`f-${key}-${Number(row) + 1}-${column}`);
  if (next) next.focus();
  else document.querySelector(`button[data-change][value="add.${key}"]`)?.click();
}

// Text that could not be saved is kept for a week (unsaved.js), whichever page is opened after it.
const LONGEST_COPY = 7 * 24 * 3600 * 1000;
const copies = (person) =>
  [localStorage, sessionStorage].flatMap((storage) =>
    Object.keys(storage).filter((name) => name.startsWith(`draft-${person}`)).map((name) => [storage, name]));
for (const [storage, name] of copies("")) {
  const { at } = JSON.parse(storage.getItem(name)) ?? {};
  if (!(Date.now() - at < LONGEST_COPY)) storage.removeItem(name);
}

// Whoever signs out leaves no text on a shared computer; what others have not saved is theirs.
const signOut = document.querySelector("[data-sign-out]");
signOut?.addEventListener("submit", () => {
  for (const [storage, name] of copies(`${signOut.dataset.signOut}-`)) storage.removeItem(name);
});

// A password can be looked at while it is typed; it is sent and remembered as one all the same.
for (const button of document.querySelectorAll("[data-show-password]")) {
  const input = document.getElementById(button.dataset.showPassword);
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
}
