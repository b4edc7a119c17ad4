// Chosen files go up at once, one by one, with what has been typed; the list of kept files comes back each time.

import { form, inTurn, showAnswer, tell, typed, words } from "./draft.js";
import { save } from "./autosave.js";

const refusals = () => [...document.querySelectorAll("main > .notice[role=status]")];

form?.addEventListener("change", (event) => {
  const input = event.target.closest("[data-upload]");
  if (!input || !input.files.length) return;
  const [files, name, path] = [[...input.files], input.name, input.closest("[data-path]").dataset.path];
  const refused = [];
  input.value = "";
  inTurn(async () => {
    for (const [index, file] of files.entries()) {
      tell(files.length > 1 ? `${words.wordsUploading} ${index + 1} / ${files.length}` : words.wordsUploading);
      const fields = typed();
      fields.append(name, file);
      const response = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
      await showAnswer(response, `[data-path="${CSS.escape(path)}"]`, fields).catch((trouble) => {
        throw new Error(`${words.wordsNotUploaded}${files.slice(index).map((left) => left.name).join("、")}。${trouble.message}`);
      });
      refused.push(...refusals());
    }
    form.before(...refused);
  })
    .then(save)
    .catch((trouble) => {
      form.before(...refused);
      tell(trouble instanceof TypeError ? words.wordsOffline : trouble.message, true);
    });
});
