// Cells pasted from Excel or WPS into a row fill this row and those below it, from this column on.

import { form } from "./draft.js";
import { change } from "./rows.js";

form?.addEventListener("paste", (event) => {
  const field = event.target.closest("[data-row] [data-path]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const isTable = text.includes("\t") || (event.target.matches("input") && text.trim().includes("\n"));
  if (!field || !isTable) return;
  event.preventDefault();
  // items.0.name, or items.0.parts.2.name of a row within a row
  const steps = field.dataset.path.split(".");
  const [row, column] = steps.slice(-2);
  const key = steps.slice(0, -2).join("-");
  const area = form.querySelector(`[name="pasted-${key}"]`);
  area.value = text;
  change(area, `paste.${key}.${row}.${column}`);
});
