/* What one types into a form is sent along while one types, and kept on the server for oneself alone
   (web/drafts.py): nothing stays in this browser, which others use too. Without this script what was sent at a lost
   session is kept all the same. */
(() => {
  "use strict";
  const keep = document.currentScript.dataset.keep;
  const PAUSE = 1500, MOST = 200000;
  const waiting = new Map(), sent = new WeakSet();

  const ours = (form) =>
    form && form.method === "post" && form.classList.contains("hg-form") && !form.querySelector("[type=password]");

  function body(form) {
    const said = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") said.append(name, value);
    said.append("draft_address", new URL(form.getAttribute("action") || "", location.href).pathname);
    return said;
  }
  function save(form) {
    clearTimeout(waiting.get(form));
    const said = body(form);
    if (sent.has(form) || said.toString().length > MOST) { waiting.delete(form); return; }
    fetch(keep, { method: "POST", body: said, keepalive: said.toString().length < 60000, redirect: "manual" })
      .then(() => waiting.delete(form), () => {});  // a broken line: again with the next sign, or when it is back
  }
  const all = () => [...waiting.keys()].forEach(save);

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!ours(form)) return;
    sent.delete(form);
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), PAUSE));
  });
  document.addEventListener("submit", (event) => {
    clearTimeout(waiting.get(event.target));
    waiting.delete(event.target);
    sent.add(event.target);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) all(); });
  window.addEventListener("online", all);
})();
