/* The one page that may use the camera: where the browser itself reads codes (BarcodeDetector, on https alone) it opens
   the voucher's page, and without a network says that the digits are to be noted. No decoder of ours. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id), box = $("camera-box"), said = $("camera-said");
  const LOOK_MS = 250;
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;

  /* The path of a voucher's page of this street, or null: an address of any site reads the same on its path. */
  function pathOf(text) {
    try {
      const { pathname } = new URL(text, location.href);
      return /^\/t\/[0-9]+\/s\/[0-9]+\/[a-z0-9]+\/$/.test(pathname) ? pathname : null;
    } catch { return null; }
  }

  async function look(view, reader) {
    const found = await reader.detect(view).catch(() => []);
    const path = found.map((code) => pathOf(code.rawValue)).find(Boolean);
    if (path) {
      view.srcObject.getTracks().forEach((track) => track.stop());
      location.assign(path);
      return;
    }
    said.textContent = found.length ? said.dataset.other : "";
    setTimeout(look, LOOK_MS, view, reader);
  }

  async function start() {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!formats.includes("qr_code")) return;
    box.hidden = false;
    $("camera-none").hidden = true;
    try {
      const view = $("camera-view");
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await view.play();
      look(view, new BarcodeDetector({ formats: ["qr_code"] }));
    } catch {
      said.textContent = said.dataset.closed;
    }
  }
  start();
})();
