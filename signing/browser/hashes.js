/* Hashes and Ed25519: WebCrypto where it can, our own small ones where it cannot. */
const subtle = window.crypto && window.crypto.subtle;

async function digested(name, bytes, own) {
  if (subtle) {
    try {
      return new Uint8Array(await subtle.digest(name, bytes));
    } catch (error) {
      /* our own does it */
    }
  }
  return own(bytes);
}

const sha256 = (bytes) => digested("SHA-256", bytes, ownSha256);
const sha512 = (bytes) => digested("SHA-512", bytes, ownSha512);

async function verifies(raw, signature, message) {
  if (subtle) {
    try {
      const key = await subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
      return await subtle.verify({ name: "Ed25519" }, key, signature, message);
    } catch (error) {
      /* our own does it */
    }
  }
  const signed = joined(signature, message);
  return crypto_sign_open(new Uint8Array(signed.length), signed, signed.length, raw) >= 0;
}

/* Numbers of 64 bits: the high half, the low half. */
function pairs(coded) {
  const view = new DataView(fromLatin(atob(coded)).buffer);
  return Array.from({ length: view.byteLength / 8 }, (none, at) => [view.getInt32(at * 8), view.getInt32(at * 8 + 4)]);
}

/* Of the square roots of the first 8 primes, and of the cube roots of the first 80, 64 bits behind the point. */
const START = pairs("agnmZ/O8yQi7Z66FhMqnOzxu83L+lPgrpU/1Ol8dNvFRDlJ/reaC0ZsFaIwrPmwfH4PZq/tBvWtb4M0ZE34heQ==");
const K = pairs("QoovmNcoriJxN0SRI+9lzbXA+8/sTTsv6bXbpYGJ27w5VsJb80i1OFnxEfG2BdAZkj+CpK8ZT5urHF7V2m2BGNgHqpijAwJCEoNbAUVwb74kMYW+TuSyjFUMfcPV/7Ticr5ddPJ7iW+A3rH+OxaWsZvcBqclxxI1wZvxdM9pJpTkm2nBnvFK0u++R4Y4TyXjD8GdxouM1bUkDKHMd6ycZS3pLG9ZKwJ1SnSEqm6m5INcsKncvUH71Hb5iNqDEVO1mD5RUu5m36uoMcZtLbQyELADJ8iY+yE/v1l/x77vDuTG4AvzPaiPwtWnkUeTCqclBspjUeADgm8UKSlnCg5ucCe3CoVG0i/8LhshOFwmySZNLG38WsQq7VM4DROdlbPfZQpzVIuvY952agq7PHeyqIHCyS5H7a7mknIshRSCNTuiv+ihTPEDZKgaZku8QjABwkuLcND4l5HHbFGjBlS+MNGS6BnW71IY1pkGJFVlqRD0DjWFV3EgKhBqoHAyu9G4GaTBFrjS0MgeN2wIUUGrUydId0zfjuuZNLC8teGbSKg5HAyzxclaY07YqkrjQYrLW5zKT3dj43NoLm/z1rK4o3SPgu5d77L8eKVjb0MXL2CEyHgUofCrcozHAggaZDnskL7/+iNjHiikUGzr3oK96b75o/eyxnkVxnF48uNyUyvKJz7O6iZhnNGGuMchwMIH6tp91s3g6x71fU9/7m7ReAbwZ6pyF2+6CmN9xaLImKYRP5gEvvkNrhtxCzUTHEcbKNt39SMEfYQyyqt7QMckkzyevgoVyb68Qx1nxJwQDUxMxdS+yz5Ctll/KZz8ZX4qX8tvqzrW+uxsRBmMSkdYFw==");

/* The blocks of a message, with its padding. */
function eachBlock(bytes, size, eat) {
  const rest = bytes.length % size, whole = bytes.length - rest;
  const tail = new Uint8Array(rest < size * 7 / 8 ? size : 2 * size);
  tail.set(bytes.subarray(whole));
  tail[rest] = 128;
  const end = new DataView(tail.buffer);
  end.setUint32(tail.length - 8, Math.floor(bytes.length / 0x20000000));
  end.setUint32(tail.length - 4, bytes.length << 3);
  const start = new DataView(bytes.buffer, bytes.byteOffset, whole);
  for (let at = 0; at < whole; at += size) eat(start, at);
  for (let at = 0; at < tail.length; at += size) eat(end, at);
}

function octetsOf(words) {
  const out = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, at) => out.setInt32(at * 4, word));
  return new Uint8Array(out.buffer);
}

const right = (x, n) => (x >>> n) | (x << (32 - n));
const turn = ([h, l], n) => (n > 32 ? turn([l, h], n - 32) : [(h >>> n) | (l << (32 - n)), (l >>> n) | (h << (32 - n))]);
const shift = ([h, l], n) => [h >>> n, (l >>> n) | (h << (32 - n))];
const xor = (a, b, c) => [a[0] ^ b[0] ^ c[0], a[1] ^ b[1] ^ c[1]];
const chosen = (e, f, g) => (e & f) ^ (~e & g);
const most = (a, b, c) => (a & b) ^ (a & c) ^ (b & c);
const both = (mix, a, b, c) => [mix(a[0], b[0], c[0]), mix(a[1], b[1], c[1])];

function sum(...terms) {
  let high = 0, low = 0;
  for (const term of terms) {
    high += term[0];
    low += term[1] >>> 0;
  }
  return [(high + Math.floor(low / 0x100000000)) | 0, low | 0];
}

/* FIPS 180-4, 6.4. */
function ownSha512(bytes) {
  const state = START.slice(), w = [];
  eachBlock(bytes, 128, (view, from) => {
    for (let t = 0; t < 16; t += 1) w[t] = [view.getInt32(from + t * 8), view.getInt32(from + t * 8 + 4)];
    for (let t = 16; t < 80; t += 1) {
      const x = w[t - 15], y = w[t - 2];
      const first = xor(turn(x, 1), turn(x, 8), shift(x, 7)), second = xor(turn(y, 19), turn(y, 61), shift(y, 6));
      w[t] = sum(w[t - 16], w[t - 7], first, second);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 80; t += 1) {
      const one = sum(h, xor(turn(e, 14), turn(e, 18), turn(e, 41)), both(chosen, e, f, g), K[t], w[t]);
      const two = sum(xor(turn(a, 28), turn(a, 34), turn(a, 39)), both(most, a, b, c));
      h = g; g = f; f = e; e = sum(d, one);
      d = c; c = b; b = a; a = sum(one, two);
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => { state[at] = sum(state[at], word); });
  });
  return octetsOf([].concat(...state));
}

/* FIPS 180-4, 6.2. Its constants are the high halves of those above. */
function ownSha256(bytes) {
  const state = Int32Array.from(START, (pair) => pair[0]), k = Int32Array.from(K, (pair) => pair[0]), w = new Int32Array(64);
  eachBlock(bytes, 64, (view, from) => {
    for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(from + t * 4);
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = w[t - 16] + w[t - 7] + (right(x, 7) ^ right(x, 18) ^ (x >>> 3)) + (right(y, 17) ^ right(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t += 1) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + chosen(e, f, g) + k[t] + w[t]) | 0;
      const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + most(a, b, c)) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => { state[at] += word; });
  });
  return octetsOf(state);
}

/* FIPS 180-4, 6.1: it only names keys (formats 2.9), and proves nothing. */
function ownSha1(bytes) {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0), w = new Int32Array(80);
  eachBlock(bytes, 64, (view, from) => {
    for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(from + t * 4);
    for (let t = 16; t < 80; t += 1) w[t] = right(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 31);
    let [a, b, c, d, e] = state;
    for (let t = 0; t < 80; t += 1) {
      const part = Math.floor(t / 20);
      const mixed = part === 0 ? chosen(b, c, d) : part === 2 ? most(b, c, d) : b ^ c ^ d;
      const next = (right(a, 27) + mixed + e + [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][part] + w[t]) | 0;
      e = d; d = c; c = right(b, 2); b = a; a = next;
    }
    [a, b, c, d, e].forEach((word, at) => { state[at] += word; });
  });
  return octetsOf(state);
}

/* What nacl.js asks for. */
function crypto_hash(out, bytes, length) {
  out.set(ownSha512(bytes.subarray(0, length)));
}
