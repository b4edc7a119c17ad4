// Buttons that change rows work without leaving the page: the server makes the change, its rows replace ours.

import { focusOn, form, inTurn, showAnswer, tellTrouble, typed } from "./draft.js";
import { save } from "./autosave.js";

export function change(button, value = button.value) {
  return inTurn(async () => {
    const fields = typed();
    fields.set("change", value);
    const area = form.querySelector(`[name="pasted-${value.split(".")[1]}"]`);
    if (area && value.startsWith("paste")) fields.set(area.name, area.value);
    const response = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    focusOn(await showAnswer(response, "[data-sections]", fields));
  })
    .then(save)
    .catch(tellTrouble);
}

// A new line of a long table is a copy of the last one without its contents; where that is not enough the server makes it.
function addCopiedRow(button) {
  const table = button.closest("[data-rows]")?.querySelector(":scope > table[data-copied-rows]");
  if (!table || !button.value.startsWith("add.")) return false;
  const [last] = [...table.tBodies[0].rows].slice(-1);
  const index = Number(last.dataset.row) + 1;
  if (index >= Number(table.dataset.copiedRows)) return false;
  const row = last.cloneNode(true);
  const key = button.value.slice("add.".length);
  const dotted = key.replaceAll("-", ".");
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      const moved = [`${key}-`, `${key}.`, `${dotted}.`].reduce((text, at) => text.replaceAll(`${at}${index - 1}`, `${at}${index}`), value);
      if (moved !== value) element.setAttribute(name, moved);
    }
  }
  row.dataset.row = index;
  row.querySelector("th").textContent = index + 1;
  row.querySelectorAll(".field-error, .picker").forEach((element) => element.remove());
  row.querySelectorAll(".is-wrong").forEach((cell) => cell.classList.remove("is-wrong"));
  for (const control of row.querySelectorAll("input, select, textarea")) {
    ["aria-invalid", "aria-describedby"].forEach((name) => control.removeAttribute(name));
    if (control.type === "checkbox") control.checked = false;
    else control.value = "";
  }
  renumberTools(row, table, index);
  last.after(row);
  const count = table.closest("[data-rows]").querySelector("[data-row-count]");
  count.textContent = count.dataset.words.replace("{n}", index + 1);
  document.dispatchEvent(new CustomEvent("draft:replaced", { detail: { root: row } }));
  row.querySelector("input, select, textarea")?.focus();
  row.scrollIntoView({ block: "center" });
  return true;
}

// The buttons of the copied line name the line they are about; the line above it can go down now.
function renumberTools(row, table, index) {
  for (const element of row.querySelectorAll("[aria-label]")) {
    element.setAttribute("aria-label", element.getAttribute("aria-label").replace(String(index), String(index + 1)));
  }
  row.querySelector("details")?.removeAttribute("open");
  const [upper] = [...table.tBodies[0].rows].slice(-1);
  upper.querySelector('[value^="down."]')?.removeAttribute("disabled");
  row.querySelector('[value^="up."]')?.removeAttribute("disabled");
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-change]");
  if (!button) return;
  event.preventDefault();
  if (!addCopiedRow(button)) change(button);
});

// Where the page was opened after a change without scripts, go to the row it was about.
if (form?.dataset.focus) focusOn(form.dataset.focus);
