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

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-change]");
  if (!button) return;
  event.preventDefault();
  change(button);
});

// Where the page was opened after a change without scripts, go to the row it was about.
if (form?.dataset.focus) focusOn(form.dataset.focus);
