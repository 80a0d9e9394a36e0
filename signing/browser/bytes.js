/* Octets, and the one way to say no. */
class Refused extends Error {
  constructor(clause) {
    super(clause);
    this.clause = clause;
  }
}

function refuse(clause) {
  throw new Refused(clause);
}

function need(isSound, clause) {
  if (!isSound) refuse(clause);
}

function fromHex(digits) {
  return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (octet) => (octet + 256).toString(16).slice(1)).join("");
}

function toLatin(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function fromLatin(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/* The octets in a base64 text that is in its one spelling. */
function unbase64(text, clause) {
  let found;
  try {
    found = atob(text);
  } catch (error) {
    refuse(clause);
  }
  need(btoa(found) === text, clause);
  return fromLatin(found);
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function same(one, other) {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}

function isAt(bytes, mark, at) {
  return same(bytes.subarray(at, at + mark.length), mark);
}

/* Where `mark` stands first, from `at` on; -1 for nowhere. */
function find(bytes, mark, at = 0) {
  while ((at = bytes.indexOf(mark[0], at)) >= 0) {
    if (isAt(bytes, mark, at)) return at;
    at += 1;
  }
  return -1;
}

/* A number, the highest octet first. */
function toNumber(bytes) {
  return bytes.reduce((sum, octet) => sum * 256 + octet, 0);
}
