// Shows how strong the new password is while it is typed. The server judges it, by the rules that accept it.

const WAIT = 400;
const panel = document.querySelector("[data-strength]");
const input = document.getElementById("f-new");
const meter = panel?.querySelector("meter");
const text = document.getElementById("strength-text");
let timer;
let asked = 0;

async function judge() {
  const number = ++asked;
  const body = new URLSearchParams({ new: input.value, csrf_token: input.form.elements.csrf_token.value });
  let told;
  try {
    const answer = await fetch(panel.dataset.strength, { method: "POST", body, headers: { Accept: "application/json" } });
    told = answer.ok ? await answer.json() : null;
  } catch {
    told = null;
  }
  // what was typed in the meantime is asked about by itself
  if (number !== asked) return;
  meter.value = told?.level ?? 0;
  text.textContent = told?.text ?? panel.dataset.failed;
}

if (panel && input) {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    panel.hidden = !input.value;
    if (input.value) timer = setTimeout(judge, WAIT);
    else asked++;
  });
}
