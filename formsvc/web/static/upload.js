// Chosen files go up at once, one by one, with what has been typed; the list of kept files comes back each time.

import { form, inTurn, showAnswer, tell, tellTrouble, typed, words } from "./draft.js";
import { save } from "./autosave.js";

const notice = (text) => Object.assign(document.createElement("p"), { className: "notice is-wrong", role: "status", textContent: text });
const refusals = () => [...document.querySelectorAll(".page > .notice[role=status]")];

form?.addEventListener("change", (event) => {
  const input = event.target.closest("[data-upload]");
  if (!input || !input.files.length) return;
  const [files, name, path] = [[...input.files], input.name, input.closest("[data-path]").dataset.path];
  const refused = [];
  input.value = "";
  inTurn(async () => {
    for (const [index, file] of files.entries()) {
      const place = files.length > 1 ? ` ${index + 1} / ${files.length}` : "";
      tell(words.wordsUploading + place, { state: "busy" });
      const fields = typed();
      fields.append(name, file);
      try {
        const response = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
        await showAnswer(response, `[data-path="${CSS.escape(path)}"]`, fields);
      } catch (trouble) {
        refused.push(notice(`${words.wordsNotUploaded}${files.slice(index).map((left) => left.name).join("、")}`));
        throw trouble;
      }
      refused.push(...refusals());
    }
  })
    .finally(() => form.before(...refused))
    .then(save)
    .catch(tellTrouble);
});
