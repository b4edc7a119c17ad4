// A calendar beside dates that may also be typed; what is picked is written into the text field.

import { form, words } from "./draft.js";

function addCalendar(field) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "picker", textContent: words.wordsCalendar });
  const place = field.closest("[data-path]");
  const label = place.dataset.label ?? place.querySelector(".field-label").firstChild.textContent;
  button.setAttribute("aria-label", `${words.wordsCalendar} ${label}`);
  // by the keyboard the day is typed: in a table the next cell comes next
  if (place.matches("td")) button.tabIndex = -1;
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
    // a table of many lines gets the one that is needed, when it is
    if (!field.closest("td") && !field.parentElement.querySelector(".picker")) addCalendar(field);
  }
}

function addToCell({ target }) {
  if (!target.matches("td > [data-picker]") || target.parentElement.querySelector(".picker")) return;
  form.querySelectorAll("td > .picker-box").forEach((former) => former.remove());
  addCalendar(target);
}

if (form && "showPicker" in HTMLInputElement.prototype) {
  addCalendars(form);
  form.addEventListener("focusin", addToCell);
  document.addEventListener("draft:replaced", (event) => addCalendars(event.detail.root));
}
