/* Passkeys: asks the house what to sign, the browser to sign it, and sends the answer with the form. The form is hidden
   where there is no script or the browser knows no passkeys: then the page's other way is left. */
(() => {
  "use strict";
  const signs = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = (text) => Uint8Array.from(signs(text), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function wanted(options) {
    const out = { ...options, challenge: bytes(options.challenge) };
    if (out.user) out.user = { ...out.user, id: bytes(out.user.id) };
    if (out.excludeCredentials) out.excludeCredentials = known(out.excludeCredentials);
    if (out.allowCredentials) out.allowCredentials = known(out.allowCredentials);
    return out;
  }

  function said(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
  }

  async function ask(form) {
    const sent = new FormData(form);
    const asked = new FormData();
    asked.append("csrfmiddlewaretoken", sent.get("csrfmiddlewaretoken"));
    const answer = await fetch(form.dataset.options, { method: "POST", body: asked, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const publicKey = wanted(await answer.json());
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.querySelector("[name=passkey]").value = said(credential);
    form.submit();
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential || !navigator.credentials) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const status = form.querySelector("[role=status]");
      status.textContent = "";
      ask(form).catch(() => { status.textContent = form.dataset.failed; });
    });
  }
})();
