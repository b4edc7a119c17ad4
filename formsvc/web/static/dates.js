// A calendar beside dates that may also be typed; what is picked is written into the text field.

import { form, words } from "./draft.js";

function addCalendar(field) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "picker", textContent: words.wordsCalendar });
  const label = field.closest("[data-path]").querySelector(".field-label");
  button.setAttribute("aria-label", `${words.wordsCalendar} ${label.firstChild.textContent}`);
  const calendar = Object.assign(document.createElement("input"), { type: field.dataset.picker, tabIndex: -1 });
  calendar.setAttribute("aria-hidden", "true");
  calendar.setAttribute("aria-label", button.getAttribute("aria-label"));
  // beside the button, not in it: a control within another is not told to screen readers
  const box = Object.assign(document.createElement("span"), { className: "picker-box" });
  box.append(button, calendar);
  field.after(box);
  button.addEventListener("click", () => {
    calendar.value = field.value.replace(" ", "T");
    calendar.showPicker();
  });
  calendar.addEventListener("change", (event) => {
    event.stopPropagation();
    field.value = calendar.value.replace("T", " ");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function addCalendars(root) {
  for (const field of root.querySelectorAll("[data-picker]")) {
    if (!field.parentElement.querySelector(".picker")) addCalendar(field);
  }
}

if (form && "showPicker" in HTMLInputElement.prototype) {
  addCalendars(form);
  document.addEventListener("draft:replaced", (event) => addCalendars(event.detail.root));
}
