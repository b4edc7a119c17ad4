// Chosen files go up at once, with what has been typed, and the list of kept files comes back.

import { form, inTurn, showAnswer, tell, tellTrouble, typed, words } from "./draft.js";
import { save } from "./autosave.js";

form?.addEventListener("change", (event) => {
  const input = event.target.closest("[data-upload]");
  if (!input || !input.files.length) return;
  inTurn(async () => {
    tell(words.wordsUploading, { state: "busy" });
    const fields = typed();
    for (const file of input.files) fields.append(input.name, file);
    const response = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    await showAnswer(response, `[data-path="${CSS.escape(input.closest("[data-path]").dataset.path)}"]`, fields);
  })
    .then(save)
    .catch(tellTrouble);
});
