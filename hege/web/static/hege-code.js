/* A code to scan (QR, ISO/IEC 18004) of an ASCII text as rows of 0 and 1: byte mode, level M, versions 1 to 6; null for
   a longer one. */
window.hegeCode = (() => {
  "use strict";
  /* bytes of data and of correction in a block, blocks; by version */
  const SHAPES = [[16, 10, 1], [28, 16, 1], [44, 26, 1], [32, 18, 2], [43, 24, 2], [27, 16, 4]];
  const MASKS = [
    (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
    (x, y) => ((y >> 1) + Math.floor(x / 3)) % 2, (x, y) => x * y % 2 + x * y % 3,
    (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2,
  ];
  const EXP = [], LOG = [];
  for (let n = 0, value = 1; n < 255; n++, value = value << 1 ^ (value > 127 ? 0x11d : 0)) {
    EXP[n] = value;
    LOG[value] = n;
  }
  const times = (a, b) => a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0;

  /* Reed-Solomon: the remainder of the data by the product of (x - 2^n). */
  function correction(data, count) {
    let divisor = [1];
    for (let n = 0; n < count; n++) {
      const next = [...divisor, 0];
      divisor.forEach((one, place) => { next[place + 1] ^= times(one, EXP[n]); });
      divisor = next;
    }
    const rest = [...data, ...Array(count).fill(0)];
    data.forEach((_, place) => {
      const lead = rest[place];
      divisor.forEach((one, n) => { rest[place + n] ^= times(one, lead); });
    });
    return rest.slice(data.length);
  }

  function codewords(bytes, [each, extra, blocks]) {
    const bits = [], put = (value, count) => { while (count--) bits.push(value >> count & 1); };
    put(4, 4);
    put(bytes.length, 8);
    bytes.forEach((byte) => put(byte, 8));
    put(0, Math.min(4, each * blocks * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    for (let n = 0; bits.length < each * blocks * 8; n++) put(n % 2 ? 17 : 236, 8);
    const data = Array.from({ length: each * blocks }, (_, n) => parseInt(bits.slice(8 * n, 8 * n + 8).join(""), 2));
    const parts = Array.from({ length: blocks }, (_, n) => data.slice(n * each, (n + 1) * each));
    const added = parts.map((part) => correction(part, extra)), out = [];
    for (let n = 0; n < each; n++) parts.forEach((part) => out.push(part[n]));
    for (let n = 0; n < extra; n++) added.forEach((part) => out.push(part[n]));
    return out;
  }

  /* What is the same for every text of a version; null where data go, 2 where the mask is told. */
  function frame(version) {
    const size = 17 + 4 * version, rows = Array.from({ length: size }, () => Array(size).fill(null));
    const put = (x, y, value) => { if (rows[y] && x >= 0 && x < size) rows[y][x] = value; };
    const eye = (cx, cy, reach, dark) => {
      for (let y = -reach; y <= reach; y++) {
        for (let x = -reach; x <= reach; x++) put(cx + x, cy + y, dark(Math.max(Math.abs(x), Math.abs(y))));
      }
    };
    for (let n = 0; n < size; n++) rows[6][n] = rows[n][6] = 1 - n % 2;
    if (version > 1) eye(size - 7, size - 7, 2, (away) => away === 1 ? 0 : 1);
    for (let n = 0; n < 9; n++) rows[8][n] = rows[n][8] = 2;
    for (let n = 1; n < 9; n++) rows[8][size - n] = rows[size - n][8] = 2;
    rows[8][6] = rows[6][8] = 1;
    rows[size - 8][8] = 1;
    const ring = (away) => away === 2 || away === 4 ? 0 : 1;
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) eye(x, y, 4, ring);
    return rows;
  }

  function filled(version, words, mask) {
    const told = frame(version), rows = told.map((row) => [...row]), size = rows.length;
    let at = 0;
    for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
      if (right === 6) right--;
      for (let n = 0; n < size; n++) {
        const y = up ? size - 1 - n : n;
        for (const x of [right, right - 1]) {
          if (told[y][x] !== null) continue;
          const bit = at < words.length * 8 ? words[at >> 3] >> 7 - at % 8 & 1 : 0;
          rows[y][x] = bit ^ (MASKS[mask](x, y) ? 0 : 1);
          at++;
        }
      }
    }
    let rest = mask << 10;
    for (let n = 4; n >= 0; n--) if (rest >> n + 10) rest ^= 0x537 << n;
    const format = (mask << 10 | rest) ^ 0x5412;
    for (let n = 0; n < 15; n++) {
      const bit = format >> n & 1, near = n < 6 ? n : n < 8 ? n + 1 : 14 - n + (n < 9 ? 1 : 0);
      if (n < 8) { rows[near][8] = bit; rows[8][size - 1 - n] = bit; }
      else { rows[8][near] = bit; rows[size - 15 + n][8] = bit; }
    }
    return rows;
  }

  /* How hard a code is to read: runs, squares, what looks like an eye, more of one colour than of the other. */
  function penalty(rows) {
    const size = rows.length, turned = rows.map((_, n) => rows.map((row) => row[n]));
    let sum = 0, dark = 0;
    for (const lines of [rows, turned]) {
      for (const line of lines) {
        const said = line.join("");
        for (const run of said.match(/0{5,}|1{5,}/g) || []) sum += run.length - 2;
        for (let n = 0; n + 11 <= size; n++) if (/^(10111010000|00001011101)/.test(said.slice(n))) sum += 40;
      }
    }
    rows.forEach((row, y) => row.forEach((one, x) => {
      dark += one;
      if (x && y && one === row[x - 1] && one === rows[y - 1][x] && one === rows[y - 1][x - 1]) sum += 3;
    }));
    return sum + 10 * Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size));
  }

  return (text) => {
    const bytes = Array.from(text, (sign) => sign.charCodeAt(0));
    const version = 1 + SHAPES.findIndex(([each, , blocks]) => bytes.length + 2 <= each * blocks);
    if (!version) return null;
    const words = codewords(bytes, SHAPES[version - 1]);
    const all = MASKS.map((_, mask) => filled(version, words, mask)), hard = all.map(penalty);
    return all[hard.indexOf(Math.min(...hard))];
  };
})();
