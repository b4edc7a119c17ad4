// Text areas grow with their text where the browser's style sheets cannot do it alone.

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  const all = (root) => root.querySelectorAll("textarea").forEach(grow);
  document.addEventListener("input", (event) => event.target.matches("textarea") && grow(event.target));
  document.addEventListener("draft:replaced", (event) => all(event.detail.root));
  all(document);
}
