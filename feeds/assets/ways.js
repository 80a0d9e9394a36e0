// Opens a token's slot in the hint file of this mirror (formats 10), in the page, with nothing but
// this. It has its own SHA-256: browsers keep WebCrypto from pages without TLS.
const bytesOf = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0));
const hexOf = (bytes) => Array.from(bytes, (one) => (one + 256).toString(16).slice(1)).join("");
const octetsOf = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const joined = (...parts) => Uint8Array.from(parts.reduce((all, one) => [...all, ...one], []));

// FIPS 180-4; its constants are roots of the first primes.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((one) => n % one)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
const ROUNDS = PRIMES.map((one) => fraction(Math.cbrt(one)));
const START = PRIMES.slice(0, 8).map((one) => fraction(Math.sqrt(one)));

function sha256(message) {
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const length = message.length;
  const text = new Uint8Array(((length + 72) >> 6) << 6);
  text.set(message);
  text[length] = 128;
  const view = new DataView(text.buffer);
  view.setUint32(text.length - 4, length * 8);
  const sum = START.slice();
  for (let at = 0; at < text.length; at += 64) {
    const w = [];
    let [a, b, c, d, e, f, g, h] = sum;
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = view.getInt32(at + 4 * i);
      else {
        const x = w[i - 15], y = w[i - 2];
        const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3), s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25), s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((one, i) => (sum[i] = (sum[i] + one) | 0));
  }
  const out = new DataView(new ArrayBuffer(32));
  sum.forEach((one, i) => out.setInt32(4 * i, one));
  return new Uint8Array(out.buffer);
}

// RFC 2104, for keys of up to 64 octets.
function hmac(key, message) {
  const pad = (fill) => Uint8Array.from({ length: 64 }, (_, i) => (key[i] || 0) ^ fill);
  return sha256(joined(pad(92), sha256(joined(pad(54), message))));
}

// RFC 8439 2.3: one block of 64 octets.
function chacha(key, counter, nonce) {
  const start = new Int32Array(16);
  const words = new DataView(joined(bytesOf("expand 32-byte k"), key, [counter, 0, 0, 0], nonce).buffer);
  for (let i = 0; i < 16; i++) start[i] = words.getInt32(4 * i, true);
  const x = start.slice();
  const step = (a, b, c, n) => {
    x[a] += x[b];
    x[c] ^= x[a];
    x[c] = (x[c] << n) | (x[c] >>> (32 - n));
  };
  const quarter = (a, b, c, d) => {
    step(a, b, d, 16);
    step(c, d, b, 12);
    step(a, b, d, 8);
    step(c, d, b, 7);
  };
  for (let i = 0; i < 10; i++) {
    for (let n = 0; n < 4; n++) quarter(n, 4 + n, 8 + n, 12 + n);
    for (let n = 0; n < 4; n++) quarter(n, 4 + ((n + 1) % 4), 8 + ((n + 2) % 4), 12 + ((n + 3) % 4));
  }
  const out = new DataView(new ArrayBuffer(64));
  for (let i = 0; i < 16; i++) out.setInt32(4 * i, (x[i] + start[i]) | 0, true);
  return new Uint8Array(out.buffer);
}

// RFC 8439 2.5, on numbers of 17 octets, so that old browsers can.
function poly1305(key, message) {
  const clamp = { 3: 15, 4: 252, 7: 15, 8: 252, 11: 15, 12: 252, 15: 15 };
  const r = Array.from({ length: 17 }, (_, i) => (i < 16 ? key[i] & (clamp[i] || 255) : 0));
  const carry = (h, top) => {
    let u = 0;
    for (let j = 0; j < 16; j++) [h[j], u] = [(u + h[j]) & 255, (u + h[j]) >>> 8];
    u += h[16];
    h[16] = u & top;
    return u;
  };
  let h = Array(17).fill(0);
  for (let at = 0; at < message.length; at += 16) {
    const part = [...message.slice(at, at + 16), 1];
    part.forEach((one, j) => (h[j] += one));
    carry(h, 255);
    h = h.map((_, i) =>
      h.reduce((sum, one, j) => sum + one * (j <= i ? r[i - j] : 320 * r[i + 17 - j]), 0));
    const over = carry(h, 3) >>> 2;
    h[0] += 5 * over;
    carry(h, 255);
  }
  const less = h.map((one, j) => one + (j ? (j < 16 ? 0 : 252) : 5));
  carry(less, 255);
  if (!(less[16] & 128)) h = less;
  for (let j = 0; j < 16; j++) h[j] += key[16 + j];
  carry(h, 255);
  return Uint8Array.from(h.slice(0, 16));
}

// RFC 8439 2.8, with nothing beside the text and a nonce of zeros; null where it is not sealed so.
function unsealed(key, sealed) {
  const nonce = new Uint8Array(12), text = sealed.slice(0, -16);
  const blank = new Uint8Array((16 - (text.length % 16)) % 16);
  const lengths = new Uint8Array(16);
  new DataView(lengths.buffer).setUint32(8, text.length, true);
  const tag = poly1305(chacha(key, 0, nonce), joined(text, blank, lengths));
  if (hexOf(tag) !== hexOf(sealed.slice(-16))) return null;
  return text.map((one, at) => one ^ chacha(key, 1 + (at >> 6), nonce)[at & 63]);
}

// Formats 10.4: a shard and a key, or null for what is no token.
function tokenIn(text) {
  const plain = text.trim().toLowerCase().replace(/^[^]*#/, "");
  const letters = plain.replace(/[\s-]/g, "");
  const words = plain.split(/[^a-z]+/).filter(Boolean);
  let bits = "";
  if (/^[a-z2-7]{36}$/.test(letters)) {
    for (const one of letters) bits += ("abcdefghijklmnopqrstuvwxyz234567".indexOf(one) + 32).toString(2).slice(1);
    if (/1/.test(bits.slice(176))) return null;
  } else if (words.length === 11 && words.every((one) => /^([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]$/.test(one))) {
    for (const word of words)
      [...word].forEach((one, i) => (bits += i % 2
        ? ("aiou".indexOf(one) + 4).toString(2).slice(1)
        : ("bdfghjklmnprstvz".indexOf(one) + 16).toString(2).slice(1)));
  } else return null;
  const octets = Uint8Array.from({ length: 22 }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  const body = octets.slice(0, 20);
  const check = sha256(joined(bytesOf("tamizdat token"), body));
  if (check[0] !== octets[20] || check[1] !== octets[21]) return null;
  return { shard: hexOf(body.slice(0, 4)), key: body.slice(4) };
}

// Formats 10.5: the address in the token's slot, or null.
function addressIn(hints, token) {
  if (hints.shard !== token.shard) return null;
  const salt = octetsOf(hints.salt), body = bytesOf(atob(hints.slots));
  const derived = (use) => hmac(token.key, joined(bytesOf("tamizdat hint " + use), salt));
  const tag = hexOf(derived("tag").slice(0, 8));
  for (let at = 0; at + 141 <= body.length; at += 141) {
    if (hexOf(body.slice(at, at + 8)) !== tag) continue;
    const plain = unsealed(derived("slot"), body.slice(at + 8, at + 141));
    const address = plain ? String.fromCharCode(...plain.slice(1, 1 + plain[0])) : "";
    return /^https?:\/\/[!-~]+$/.test(address) ? address : null;
  }
  return null;
}

async function openToken(text, base) {
  const token = tokenIn(text);
  if (!token) return { said: "wrong" };
  try {
    const answer = await fetch(`${base}hints/${token.shard}.json`, { cache: "no-store", credentials: "omit" });
    const address = answer.ok ? addressIn(await answer.json(), token) : null;
    return address ? { address } : { said: "none" };
  } catch {
    return { said: "none" };
  }
}

const form = document.getElementById("token");
if (form) {
  const [input, button, list] = ["input", "button", "ul"].map((one) => form.querySelector(one));
  const tell = async (text) => {
    const found = await openToken(text, "");
    const addresses = found.address ? [found.address, ...JSON.parse(form.dataset.hints)] : [];
    list.textContent = "";
    for (const one of [...new Set(addresses)].slice(0, 3)) {
      const link = document.createElement("a");
      link.href = link.textContent = one;
      link.rel = "noreferrer";
      list.appendChild(document.createElement("li")).appendChild(link);
    }
    if (found.said) list.appendChild(document.createElement("li")).textContent = form.dataset[found.said];
  };
  button.addEventListener("click", () => tell(input.value));
  input.addEventListener("keydown", (event) => event.key === "Enter" && tell(input.value));
  const inLink = location.hash.slice(1);
  if (tokenIn(inLink)) {
    history.replaceState(null, "", location.pathname);
    input.value = inLink;
    tell(inLink);
  }
  form.hidden = false;
}
