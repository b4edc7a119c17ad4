// Ctrl+P on the page of an act prints its document: it leads to the print page, and there opens the viewer's own dialog.

const page = document.querySelector("[data-print-url]");
const viewer = document.querySelector("[data-document-viewer]");

function printDocument() {
  try {
    viewer.contentWindow.focus();
    viewer.contentWindow.print();
  } catch {
    window.open(viewer.src, "_blank", "noopener");
  }
}

if (page || viewer) {
  document.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "p";
    if (!wanted) return;
    event.preventDefault();
    if (viewer) printDocument();
    else window.location.assign(page.dataset.printUrl);
  });
}

const press = document.querySelector("[data-print-now]");
if (press && viewer) {
  press.hidden = false;
  press.addEventListener("click", printDocument);
}
