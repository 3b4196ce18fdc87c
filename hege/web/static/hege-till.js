/* A till without a network: digits are noted on this phone, up to a cap, and sent when the network is back; sent twice
   changes nothing. What a page refused is kept without a press of its button. Without script the page works online. */
window.hegeTill = (() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const EVERY_MS = 20000, WAIT_MS = 4000, LONGEST_BILL = 10000000000;

  /* What waits on this phone, by till. A browser that keeps nothing notes nothing. */
  function shelf(till) {
    const key = `hege-till-${till}`;
    return {
      read() {
        try {
          const rows = JSON.parse(localStorage.getItem(key) || "[]");
          return Array.isArray(rows) ? rows : [];
        } catch { return []; }
      },
      write(rows) {
        localStorage.setItem(key, JSON.stringify(rows));
      },
    };
  }

  const nonce = () => [...crypto.getRandomValues(new Uint8Array(15))].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const digits = (text) => text.normalize("NFKC").replace(/[\s\-–—·]/g, "");
  const yuan = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;

  /* How many more may be noted, if each were the dearest the shop takes: as the house counts (rules.left_offline). */
  function left(rows, most, mostFen, eachFen) {
    const byMoney = eachFen ? Math.floor((mostFen - rows.length * eachFen) / eachFen) : most;
    return Math.max(0, Math.min(most - rows.length, byMoney));
  }

  function timed(address, options) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), WAIT_MS);
    return fetch(address, { ...options, cache: "no-store", credentials: "same-origin", signal: stop.signal })
      .finally(() => clearTimeout(timer));
  }

  function start(form) {
    const set = form.dataset, rows = shelf(set.till), button = form.querySelector("button[type=submit]");
    const [number, code] = ["number", "code"].map((name) => form.elements[name]);
    const [most, mostFen, eachFen] = [set.most, set.mostFen, set.eachFen].map(Number);
    let there = navigator.onLine, sending = false, asked = false;

    function line(text, said, tone) {
      const item = document.createElement("li"), what = document.createElement("span");
      const word = document.createElement("b");
      what.className = "num";
      what.textContent = text;
      word.textContent = said;
      word.className = tone;
      item.className = "tl-said";
      item.append(what, word);
      return item;
    }
    const clock = (ms) => new Date(ms).toTimeString().slice(0, 5);

    function show() {
      const noted = rows.read(), room = left(noted, most, mostFen, eachFen), words = $("noted-left");
      $("net").textContent = there ? $("net").dataset.on : $("net").dataset.off;
      $("noted").hidden = there;
      $("how").hidden = !there;
      $("noted-bill").hidden = there;
      button.textContent = there ? set.take : set.note;
      words.textContent = room
        ? words.dataset.left.replace("{n}", room).replace("{sum}", yuan(room * eachFen)) : words.dataset.full;
      $("noted-may").hidden = !room;
      $("waiting").hidden = !noted.length;
      $("waiting-n").textContent = $("waiting-n").dataset.n.replace("{n}", noted.length);
      $("waiting-rows").replaceChildren(
        ...noted.map((row) => line(`${row.number} · ${clock(row.at_ms)}`, $("waiting-rows").dataset.row, "is-amber")),
      );
    }

    function say(text) {
      $("digits-said").textContent = text;
      $("digits-said").hidden = !text;
    }

    /* Digits as typed, where they are ones: noted under a nonce of their own. */
    function note() {
      const noted = rows.read(), typed = { number: digits(number.value), code: digits(code.value) };
      if (!/^[0-9]{8}$/.test(typed.number) || !/^[0-9]{6}$/.test(typed.code)) return say(set.wrong);
      if (!left(noted, most, mostFen, eachFen)) return say($("noted-left").dataset.full);
      try {
        rows.write([...noted, { nonce: nonce(), ...typed, at_ms: Date.now(), ...bill() }]);
      } catch { return say($("noted-left").dataset.full); }
      say("");
      number.value = code.value = "";
      number.focus();
      return show();
    }
    function bill() {
      const field = form.elements.bill, fen = field ? Math.round(Number(digits(field.value)) * 100) : 0;
      if (field) field.value = "";
      return fen > 0 && fen < LONGEST_BILL ? { bill_fen: fen } : {};
    }

    function answered(told, noted) {
      const of = new Map(noted.map((row) => [row.nonce, row]));
      for (const { nonce: name, fault } of told) {
        const row = of.get(name), words = $("answered-rows").dataset;
        if (!row) continue;
        const said = fault ? words.failed.replace("{fault}", fault) : words.taken;
        $("answered-rows").append(line(`${row.number} · ${clock(row.at_ms)}`, said, fault ? "is-amber" : "is-green"));
        $("answered").hidden = false;
      }
      const done = new Set(told.map((one) => one.nonce));
      rows.write(rows.read().filter((row) => !done.has(row.nonce)));
    }

    async function send() {
      const noted = rows.read(), words = $("waiting-said");
      if (sending || !noted.length) return;
      sending = true;
      try {
        const body = new URLSearchParams({
          csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, scans: JSON.stringify(noted),
          sent_ms: String(Date.now()),
        });
        const answer = await timed(set.queue, { method: "POST", body });
        there = true;
        if (answer.ok) {
          answered((await answer.json()).scans, noted);
          words.textContent = "";
        } else if (answer.status === 422) words.textContent = (await answer.json()).words;
        else words.textContent = answer.status < 500 ? words.dataset.refused : words.dataset.broken;
      } catch {
        there = false;
        words.textContent = words.dataset.broken;
      }
      sending = false;
      show();
    }

    /* Before the page is left for an answer: is there a network at all? */
    form.addEventListener("submit", async (event) => {
      if (asked) return;
      event.preventDefault();
      try {
        await timed(set.probe, { method: "HEAD" });
        there = true;
      } catch { there = false; }
      show();
      if (!there) return note();
      asked = true;
      return form.submit();
    });
    addEventListener("online", () => { there = true; show(); send(); });
    addEventListener("offline", () => { there = false; show(); });
    addEventListener("pageshow", () => { asked = false; });
    setInterval(send, EVERY_MS);
    if ($("camera") && "BarcodeDetector" in window && isSecureContext) $("camera").hidden = false;
    show();
    send();
  }

  /* A scan that its page refused: kept as soon as the page is seen. */
  function keep(form) {
    timed(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" })
      .catch(() => {});
  }

  if ($("digits")) start($("digits"));
  if ($("failed-scan")) keep($("failed-scan"));
  return { shelf, left, digits };
})();
