// A usual phrase that is chosen goes into the comment, where it can be changed.

for (const list of document.querySelectorAll("[data-phrases]")) {
  const comment = document.getElementById(list.dataset.phrases);
  list.addEventListener("change", () => {
    if (!list.value) return;
    comment.value = comment.value.trim() ? `${comment.value.trim()}${list.value}` : list.value;
    list.value = "";
    comment.dispatchEvent(new Event("input", { bubbles: true }));
    comment.focus();
  });
}
