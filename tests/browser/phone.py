"""What a page does wrong on a phone, measured where it stands: its head, what one taps, words over words, its height."""

from __future__ import annotations

from typing import Any

#: Pixels of height on a phone of 390 px in normal type: what fills a page is folded to one line each, or behind a link.
MOST_HIGH = 5_200
#: A first page answers without much scrolling; a meter with 47 shops; pages that hold everything of one matter.
HEIGHTS = {"today:index": 3_800, "meters:detail": 4_000, "cases:detail": 4_000}
#: The head of the office, in every size of type.
HEAD = 56
#: What one taps, in pixels; a link within words is as wide as its words.
TOUCH = 44

FAULTS = """([head, touch]) => {
  const width = window.innerWidth, said = [];
  const quote = e => '“' + (e.data ?? e.textContent).trim().replace(/\\s+/g, ' ').slice(0, 24) + '”';
  const unseen = '.visually-hidden, .hg-skip, dialog, table:not(.is-kept) thead';
  const seen = e => e.checkVisibility({visibilityProperty: true}) && !e.closest(unseen);
  const over = (a, b, y) => a.right > b.left + 3 && b.right > a.left + 3 && a.bottom > b.top + y && b.bottom > a.top + y;
  const pairs = (boxes, slack, tell) => {
    boxes.sort((a, b) => a[1].top - b[1].top);
    for (let i = 0; i < boxes.length; i++)
      for (let j = i + 1; j < boxes.length && boxes[j][1].top < boxes[i][1].bottom; j++) {
        const [a, p] = boxes[i], [b, q] = boxes[j];
        if (a !== b && !a.contains(b) && !b.contains(a) && over(p, q, slack(p, q))) said.push(tell(a, b));
      }
  };
  const taps = [], words = [];
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    const box = e.matches('input') && e.closest('.hg-choice, .hg-tick, label') || e, r = box.getBoundingClientRect();
    if (r.width < 2 || r.height < 2 || r.right < 0 || !seen(e)) continue;
    const words = e.matches('a:not(.btn), summary');
    if (r.height < touch - 1 || r.width < (words ? 24 : touch - 1))
      said.push(quote(box) + ' is ' + Math.round(r.width) + ' x ' + Math.round(r.height) + ' px to tap');
    if (getComputedStyle(e).display !== 'inline' && !e.closest('.ph-foot')) taps.push([box, r]);
  }
  pairs(taps, () => 2, (a, b) => quote(a) + ' lies over ' + quote(b));
  const cut = '.hg-menu, .hg-crumbs, .is-line, .hg-word';  // what is too long there ends in dots, or is heard alone
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let t = texts.nextNode(); t; t = texts.nextNode()) {
    const at = t.parentElement;
    if (!t.data.trim() || at.closest('svg, script, option, [aria-hidden=true], .ph-foot, ' + cut) || !seen(at)) continue;
    const range = document.createRange();
    range.selectNodeContents(t);
    for (const r of range.getClientRects()) {
      if (r.width > 1) words.push([t, r]);
      if (r.right > width + 1 && !at.closest('.hg-scroll, .is-kept, .pp')) said.push(quote(t) + ' ends beyond the window');
    }
  }
  pairs(words, (p, q) => .4 * Math.min(p.height, q.height), (a, b) => quote(a) + ' stands over ' + quote(b));
  const frame = document.querySelector('.hg-frame'), top = frame ? frame.getBoundingClientRect().top : 0;
  const bars = [...document.querySelectorAll('.hg-side, .hg-top')].map(e => e.getBoundingClientRect().bottom - top);
  if (Math.max(0, ...bars) > head + 1) said.push('the head is ' + Math.max(...bars) + ' px');
  for (const e of document.querySelectorAll('.hg-tabs [aria-current], .hg-menu')) {
    const r = e.getBoundingClientRect();
    if (r.width && seen(e) && (r.left < 0 || r.right > width + 1)) said.push(quote(e) + ' is out of view');
  }
  return [[...new Set(said)].slice(0, 4), document.scrollingElement.scrollHeight];
}"""


def faults(page: Any, name: str, *, high: bool, longer: float = 1) -> list[str]:
    """What is wrong with a page as it stands in a phone's window; ``high`` where its height is limited, too, ``longer``:
    times what it may be in Chinese."""
    said, height = page.evaluate(FAULTS, [HEAD, TOUCH])
    most = int(HEIGHTS.get(name, MOST_HIGH) * longer)
    return [*said, *([f"is {height} px high, {most} at most"] if high and height > most else [])]
