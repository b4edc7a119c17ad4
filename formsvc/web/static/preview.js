// The sample beside the form follows what is saved, a little later, and only where it can be seen.

const PAUSE = 1500;
const sample = document.querySelector("[data-sample]");
let timer = 0;
let asked = 0;

async function refresh() {
  const pages = sample.querySelector("[data-sample-pages]");
  if (!pages.offsetParent) return;
  const mine = ++asked;
  pages.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(sample.dataset.sample, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-sample-pages]");
    if (mine !== asked) return;
    if (fresh) await swap(pages, fresh);
    else sample.querySelector("[data-sample-state]").textContent = page.querySelector("main .panel")?.textContent.trim() ?? "";
  } finally {
    pages.setAttribute("aria-busy", "false");
  }
}

// The new pictures are loaded before the old ones go, so that nothing flickers and the place is kept.
async function swap(pages, fresh) {
  const pictures = [...fresh.querySelectorAll("img")].map((picture) => document.importNode(picture, true));
  await Promise.allSettled(pictures.map((picture) => picture.decode()));
  const place = pages.scrollTop;
  pages.replaceChildren(...pictures);
  pages.scrollTop = place;
}

if (sample) {
  document.addEventListener("draft:saved", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  refresh();
}
