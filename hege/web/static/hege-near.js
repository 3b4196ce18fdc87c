/* Garnish: sorts the stations by the phone's own position. It is worked out here and sent to nobody. */
(() => {
  "use strict";
  const box = document.querySelector("[data-here]"), list = document.querySelector("[data-list]");
  if (!box || !list || !navigator.geolocation || !window.isSecureContext) return;
  const said = box.querySelector("[role=status]"), answer = document.querySelector("[data-answer]");
  box.hidden = false;

  /* As hege.programme.alliance.rules.distance_metres, in millionths of a degree. */
  function metres(a, b) {
    const middle = ((a[1] + b[1]) / 2e6) * (Math.PI / 180);
    const east = Math.round((b[0] - a[0]) * Math.cos(middle)), north = b[1] - a[1];
    return Math.floor((Math.floor(Math.hypot(east, north)) * 11119) / 100000);
  }

  /* As hege.web.shared.whereabouts.far_in_words. */
  function words(far) {
    if (far < 1000) return said.dataset.metres.replace("{n}", Math.max(10, Math.ceil(far / 10) * 10));
    return said.dataset.km.replace("{n}", (Math.floor((far + 50) / 100) / 10).toFixed(1));
  }

  function sort(position) {
    const here = [position.coords.longitude, position.coords.latitude].map((part) => Math.round(part * 1e6));
    const rows = [...list.children].map((row) => {
      const at = [row.dataset.lon, row.dataset.lat].map(Number), known = Boolean(row.dataset.lon);
      return { row, open: row.classList.contains("is-open"), far: known ? metres(here, at) : Infinity };
    });
    rows.sort((a, b) => b.open - a.open || a.far - b.far);
    for (const { row, far } of rows) {
      list.append(row);
      const shown = row.querySelector("[data-far]");
      if (shown) shown.textContent = far === Infinity ? "" : words(far);
    }
    const first = rows.find((one) => one.open && one.far !== Infinity);
    if (!first) return;
    const name = first.row.querySelector("h3").textContent;
    answer.textContent = said.textContent = said.dataset.found
      .replace("{name}", name).replace("{far}", words(first.far));
  }

  box.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(sort, () => { said.textContent = said.dataset.failed; },
      { enableHighAccuracy: false, timeout: 10000, maximumAge: 60000 });
  });
})();
