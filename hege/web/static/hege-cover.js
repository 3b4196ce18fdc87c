/* Garnish: black bars drawn on a picture by finger or mouse, written into the field below as thousandths. */
(() => {
  "use strict";
  document.querySelectorAll("[data-cover]").forEach((box) => {
    const svg = box.querySelector("svg"), field = document.getElementById(box.dataset.cover);
    const bars = () => field.value.split(/\s+/).filter((bar) => /^(\d+,){3}\d+$/.test(bar));
    let from = null, drawn = null;

    function at(event) {
      const { left, top, width, height } = box.getBoundingClientRect();
      const within = (part, whole) => Math.min(1000, Math.max(0, Math.round(part / whole * 1000)));
      return [within(event.clientX - left, width), within(event.clientY - top, height)];
    }
    function bar(values) {
      const [left, top, right, bottom] = values, shape = document.createElementNS(svg.namespaceURI, "rect");
      shape.setAttribute("x", left);
      shape.setAttribute("y", top);
      shape.setAttribute("width", right - left);
      shape.setAttribute("height", bottom - top);
      svg.append(shape);
      return shape;
    }
    const all = () => svg.replaceChildren(...bars().map((one) => bar(one.split(",").map(Number))));
    const corners = ([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];

    box.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      box.setPointerCapture(event.pointerId);
      from = at(event);
    });
    box.addEventListener("pointermove", (event) => {
      if (!from) return;
      if (drawn) drawn.remove();
      drawn = bar(corners(from, at(event)));
    });
    box.addEventListener("pointerup", (event) => {
      const [left, top, right, bottom] = corners(from, at(event));
      if (right > left && bottom > top) field.value = [...bars(), [left, top, right, bottom].join(",")].join(" ");
      from = drawn = null;
      all();
    });
    field.addEventListener("input", all);
    all();
  });
})();
