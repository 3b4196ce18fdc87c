/* Garnish for a voucher that is shown: digits and code new every 30 seconds, without a network and without asking the
   phone's clock what time it is (RFC 6238 over HMAC-SHA-256; crypto.subtle would need https). Without it the page shows
   the present code and a button for the next. */
window.hegeMoving = (() => {
  "use strict";
  const STEP = 30, BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", FIRST = [], ROUNDS = [];
  const part = (value) => (value - Math.floor(value)) * 4294967296 | 0;
  for (let n = 2; ROUNDS.length < 64; n++) {
    let prime = true;
    for (let by = 2; by * by <= n; by++) if (n % by === 0) prime = false;
    if (prime && FIRST.length < 8) FIRST.push(part(Math.sqrt(n)));
    if (prime) ROUNDS.push(part(Math.cbrt(n)));
  }
  const turn = (word, by) => word >>> by | word << 32 - by;

  /* SHA-256 (FIPS 180-4) of an array of bytes. */
  function sha256(bytes) {
    const all = [...bytes, 128], state = [...FIRST], w = [];
    while (all.length % 64 !== 56) all.push(0);
    const bits = bytes.length * 8;
    for (let n = 7; n >= 0; n--) all.push(n > 3 ? 0 : bits >>> 8 * n & 255);
    while (all.length) {
      for (let n = 0; n < 16; n++) w[n] = all.splice(0, 4).reduce((word, byte) => word << 8 | byte);
      for (let n = 16; n < 64; n++) {
        const a = w[n - 15], b = w[n - 2];
        const more = (turn(a, 7) ^ turn(a, 18) ^ a >>> 3) + (turn(b, 17) ^ turn(b, 19) ^ b >>> 10);
        w[n] = w[n - 16] + w[n - 7] + more | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let n = 0; n < 64; n++) {
        const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + ROUNDS[n] + w[n] | 0;
        const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, d + one | 0, c, b, a, one + two | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, n) => { state[n] = state[n] + word | 0; });
    }
    return state.flatMap((word) => [word >>> 24, word >>> 16 & 255, word >>> 8 & 255, word & 255]);
  }

  function hmac(key, bytes) {
    const padded = (by) => Array.from({ length: 64 }, (_, n) => (key[n] || 0) ^ by);
    return sha256([...padded(92), ...sha256([...padded(54), ...bytes])]);
  }

  function plain(base32) {
    const out = [];
    let held = 0, bits = 0;
    for (const sign of base32) {
      held = held << 5 | BASE32.indexOf(sign);
      bits += 5;
      if (bits >= 8) { bits -= 8; out.push(held >> bits & 255); }
      held &= 255;
    }
    return out;
  }

  function hashed(secret, step) {
    return hmac(plain(secret), Array.from({ length: 8 }, (_, n) => Math.floor(step / 256 ** (7 - n)) % 256));
  }

  /* The six digits of a time step, to be read out. */
  function digits(secret, step) {
    const hash = hashed(secret, step), at = hash[31] & 15;
    const value = (hash[at] & 127) << 24 | hash[at + 1] << 16 | hash[at + 2] << 8 | hash[at + 3];
    return String(value % 1000000).padStart(6, "0");
  }

  /* The nine signs of a time step, to be scanned. */
  function signs(secret, step) {
    const bits = hashed(secret, step).slice(0, 6).map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return bits.match(/.{5}/g).map((five) => BASE32[parseInt(five, 2)]).join("").toLowerCase();
  }

  /* A code as the path of an SVG: each run of dark modules a bar. */
  function path(rows) {
    let out = "";
    rows.forEach((row, y) => {
      for (let x = 0; x < row.length; x++) {
        let wide = 0;
        while (row[x + wide]) wide++;
        if (wide) out += `M${x} ${y}h${wide}v1h-${wide}z`;
        x += wide;
      }
    });
    return out;
  }

  function start(box) {
    const { secret, now, address } = box.dataset, root = document.documentElement;
    const [code, drawn, seconds, run] = ["code", "drawn", "seconds", "run"].map((id) => document.getElementById(id));
    const ahead = Number(now) - Date.now(), round = Number(run.getAttribute("stroke-dasharray"));
    let shown = -1;
    if (!window.hegeCode(`${address}000000000/`)) return;
    function show() {
      const second = Math.floor((Date.now() + ahead) / 1000);
      const step = Math.floor(second / STEP), left = STEP - second % STEP;
      if (step !== shown) {
        const said = digits(secret, step), rows = window.hegeCode(`${address}${signs(secret, step)}/`);
        drawn.setAttribute("d", path(rows));
        drawn.ownerSVGElement.setAttribute("viewBox", `-2 -2 ${rows.length + 4} ${rows.length + 4}`);
        code.textContent = `${said.slice(0, 3)} ${said.slice(3)}`;
        shown = step;
      }
      seconds.textContent = left;
      run.setAttribute("stroke-dashoffset", round * (STEP - left) / STEP);
      root.classList.add("is-moving");
    }
    function tick() {
      setTimeout(tick, 1000 - (Date.now() + ahead) % 1000);
      show();
    }
    const line = () => root.classList.toggle("is-offline", !navigator.onLine);
    addEventListener("online", line);
    addEventListener("offline", line);
    document.addEventListener("visibilitychange", show);
    line();
    tick();
  }

  const box = document.querySelector("[data-secret]");
  if (box) start(box);
  return { digits, signs, sha256 };
})();
