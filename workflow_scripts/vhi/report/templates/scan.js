// Slices of a scan: one image holds them all, and a layer shows one of them.
const stacks = [...document.querySelectorAll(".stack")], slider = document.querySelector("#slice");
let turned = 0;

function show() {
  for (const stack of stacks) {
    const slices = +stack.dataset.slices, across = +stack.dataset.across, down = Math.ceil(slices / across);
    const at = Math.round(slider.value * (slices - 1) / Math.max(+slider.max, 1));
    const place = (index, of) => (of > 1 ? 100 * index / (of - 1) : 0) + "%";
    for (const layer of stack.querySelectorAll(".layer")) {
      layer.style.backgroundSize = `${100 * across}% ${100 * down}%`;
      layer.style.backgroundPosition = `${place(at % across, across)} ${place(Math.floor(at / across), down)}`;
    }
    stack.querySelector(".at").textContent = `slice ${at + 1} of ${slices}`;
  }
}

function go(step) {
  slider.value = +slider.value + step;
  show();
}

slider.addEventListener("input", show);
document.addEventListener("keydown", event => {
  const step = {ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1}[event.key];
  if (step && event.target !== slider) {
    event.preventDefault();
    go(step);
  }
});
for (const stack of stacks) {
  const view = stack.querySelector(".view"), layers = view.querySelectorAll(".layer");
  view.addEventListener("wheel", event => { // a trackpad sends many small events
    event.preventDefault();
    turned += event.deltaY * (event.deltaMode ? 40 : 1);
    if (Math.abs(turned) >= 40) {
      go(Math.sign(turned));
      turned = 0;
    }
  }, {passive: false});
  view.addEventListener("click", () => stack.classList.toggle("large"));
  for (const box of stack.querySelectorAll("[data-layer]"))
    box.addEventListener("change", () => { layers[box.dataset.layer].hidden = !box.checked; });
}
document.querySelector(".overview").addEventListener("click", event => event.target.classList.toggle("large"));
show();
