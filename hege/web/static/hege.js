/* Garnish only: every page works without it. Keys, sums in capitals while typing, words for the screen reader. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".hg-table tbody tr, .hg-list > li")].filter((row) => $("a", row));
  let at = -1;

  function go(step) {
    const all = rows();
    if (!all.length) return;
    if (all[at]) all[at].classList.remove("is-at");
    at = Math.min(Math.max(at + step, 0), all.length - 1);
    all[at].classList.add("is-at");
    $("a", all[at]).focus();
  }

  /* Lines taken one by one: a key presses the button of the line one is at that names it (data-key). */
  const lines = () => [...document.querySelectorAll(".fl-lines > li")];
  const line = () => $(".fl-lines > li.is-at") || lines()[0];
  function toLine(step) {
    const all = lines(), next = all[Math.min(Math.max(all.indexOf(line()) + step, 0), all.length - 1)];
    all.forEach((one) => one.classList.toggle("is-at", one === next));
    ($("button", next) || $("summary", next) || next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function press(key) {
    const found = $(`[data-key="${key}"]`, line());
    if (found) found.click();
    return found;
  }
  function lineKey(key) {
    if (key === "j" || key === "k") toLine(key === "j" ? 1 : -1);
    else if (key === "p") press("p");
    else if (key === "u") {
      const before = line().previousElementSibling;
      if (!press("u") && before && $('[data-key="u"]', before)) $('[data-key="u"]', before).click();
    } else if (key === "x" || key === " ") {
      const box = $("details", line()), choice = $("select", line());
      if (!box) return false;
      box.open = true;
      if (key === " ") choice.selectedIndex = (choice.selectedIndex + 1) % choice.length;
      ((key === " " && $("button", box)) || choice).focus();
    } else if (key === "Enter" && document.activeElement === document.body) press("enter");
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
    if (line() && lineKey(key)) { event.preventDefault(); return; }
    const search = $("#search"), keys = $("#keys");
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); }
    else if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "?" && keys && keys.showModal) keys.showModal();
  });

  /* Amounts in Chinese capitals: the same rules as hege.web.jinja.capitals. */
  const DIGITS = "零壹贰叁肆伍陆柒捌玖", SMALL = ["", "拾", "佰", "仟"], LARGE = ["", "万", "亿", "万亿"];
  function group(text) {
    let out = "", gap = false;
    [...String(Number(text))].forEach((digit, i, all) => {
      if (digit === "0") { gap = true; return; }
      out += (gap ? "零" : "") + DIGITS[digit] + SMALL[all.length - 1 - i];
      gap = false;
    });
    return out;
  }
  function capitals(typed) {
    const match = typed.normalize("NFKC").replace(/[¥￥,，\s]|元$/g, "").match(/^(\d{1,13})(?:\.(\d{1,2}))?$/);
    if (!match) return "";
    const whole = match[1].replace(/^0+/, ""), part = (match[2] || "").padEnd(2, "0");
    let out = "", gap = false;
    const groups = whole.padStart(Math.ceil(whole.length / 4) * 4, "0").match(/.{4}/g) || [];
    groups.forEach((digits, i) => {
      if (!Number(digits)) { gap = out !== ""; return; }
      if (out && (gap || digits[0] === "0")) out += "零";
      out += group(digits) + LARGE[groups.length - 1 - i];
      gap = false;
    });
    if (out) out += "元";
    if (part === "00") return "人民币" + (out ? out + "整" : "零元整");
    if (part[0] !== "0") out += DIGITS[part[0]] + "角";
    else if (out) out += "零";
    return "人民币" + out + (part[1] !== "0" ? DIGITS[part[1]] + "分" : "整");
  }
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".hg-field");
    const output = field && $(".hg-capitals", field);
    if (output) output.textContent = capitals(event.target.value);
  });
  document.addEventListener("focusout", (event) => {
    if (!event.target.closest(".hg-input.money")) return;
    const typed = event.target.value.normalize("NFKC").replace(/[¥￥,，\s]|元$/g, "");
    if (!/^\d{1,13}(\.\d{1,2})?$/.test(typed)) return;
    const [whole, part = ""] = typed.split(".");
    event.target.value = Number(whole).toLocaleString("en-US") + "." + part.padEnd(2, "0");
  });

  /* A form sent twice by a double click is sent once; coming back to the page by the back button frees the button. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("[data-busy]").forEach((box) => { box.hidden = false; });
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-busy]").forEach((box) => { box.hidden = true; });
    document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  /* Copy a field's words; without a secure context by the field itself. */
  document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
    $("span", button).textContent = button.dataset.done;
  });

  /* After an htmx swap: focus goes to what came back wrong, and the live region says what changed. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const errors = $(".hg-errors", event.detail.target);
    if (errors) errors.focus();
    const say = event.detail.target.dataset.say, live = $("#live");
    if (say && live) live.textContent = say;
  });
  /* A refusal or an error that no panel can show: its words stand above the page, and nothing typed is lost. */
  document.addEventListener("htmx:responseError", (event) => {
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const said = answer.querySelectorAll("main h1, main p:not(.hg-acts):not(.hg-plain-tools)");
    const words = [...said].map((e) => e.textContent.trim());
    const box = document.createElement("div");
    box.className = "hg-errors";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    box.textContent = words.join(" ");
    $("#main").prepend(box);
    box.focus();
  });
})();
