// Signatures are drawn with a finger, a pen or the mouse, and go up as a picture by the field's own control.

import { form } from "./draft.js";

const WIDTH = 3;

function start(pad) {
  const canvas = pad.querySelector("canvas");
  const keep = pad.querySelector("[data-signature-keep]");
  const pen = canvas.getContext("2d");
  let last = null;

  const clear = () => {
    const scale = Math.max(2, window.devicePixelRatio);
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    Object.assign(pen, { lineCap: "round", lineJoin: "round", strokeStyle: "#111", fillStyle: "#111" });
    pad.classList.remove("is-drawn");
    keep.disabled = true;
  };
  const place = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  const draw = (event) => {
    for (const point of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(point);
      // a pen says how hard it is pressed, a finger does not
      pen.lineWidth = point.pointerType === "pen" ? WIDTH * (0.6 + point.pressure) : WIDTH;
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      last = next;
    }
  };

  pad.hidden = false;
  clear();
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    draw(event);
    pad.classList.add("is-drawn");
    keep.disabled = false;
  });
  canvas.addEventListener("pointermove", (event) => last && draw(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  pad.querySelector("[data-signature-clear]").addEventListener("click", clear);
  keep.addEventListener("click", () => {
    keep.disabled = true;
    canvas.toBlob((picture) => {
      const files = new DataTransfer();
      files.items.add(new File([picture], "signature.png", { type: "image/png" }));
      const control = document.getElementById(pad.dataset.signature);
      control.files = files.files;
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }, "image/png");
  });
}

function startAll() {
  form?.querySelectorAll("[data-signature][hidden]").forEach((pad) => pad.closest("[hidden]:not([data-signature])") || start(pad));
}

startAll();
for (const moment of ["draft:replaced", "draft:saved"]) document.addEventListener(moment, startAll);
