/* The gate: the one kind of OpenPGP signature that is let in, to the last bit (formats 2.3 to 2.9).
   What was understood is written down again and compared, so that a signature has one spelling. */
const HEAD = "-----BEGIN PGP SIGNATURE-----\n", FOOT = "-----END PGP SIGNATURE-----\n";
const MAX_ARMOR = 1024;

function armored(packet) {
  let crc = 0xb704ce;
  for (const octet of packet) {
    crc ^= octet << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  const lines = btoa(toLatin(packet)).replace(/.{1,64}/g, "$&\n");
  return `${HEAD}\n${lines}=${btoa(String.fromCharCode(crc >> 16, (crc >> 8) & 255, crc & 255))}\n${FOOT}`;
}

function unarmored(text) {
  need(text.length <= MAX_ARMOR, "2.3");
  const lines = text.slice(HEAD.length, text.lastIndexOf("\n="));
  const packet = unbase64(lines.replace(/\n/g, ""), "2.3");
  need(packet.length && armored(packet) === text, "2.3");
  return packet;
}

function parseSignature(text) {
  const packet = unarmored(text);
  need(packet[0] === 0x88 && packet.length === 2 + toNumber(packet.subarray(1, 2)), "2.4");
  const body = packet.subarray(2);
  need(isAt(body, [4, 0, 22, 10], 0), "2.5");
  const end = 6 + toNumber(body.subarray(4, 6));
  const unhashedEnd = end + 2 + toNumber(body.subarray(end, end + 2));
  need(body.length >= unhashedEnd + 2, "2.4");
  const own = body.subarray(0, end), left = body.subarray(unhashedEnd, unhashedEnd + 2);
  const issuer = issuerIn(own.subarray(6));
  const [r, middle] = readNumber(body.subarray(unhashedEnd + 2));
  const [s, rest] = readNumber(middle);
  need(!rest.length && isBelowOrder(s), "2.7");
  const content = joined(own, [0, 10, 9, 16], issuer.subarray(12), left, spelledNumber(r), spelledNumber(s));
  need(same(joined([0x88, Math.min(content.length, 255)], content), packet), "2.7");
  const length = [own.length >>> 24, (own.length >>> 16) & 255, (own.length >>> 8) & 255, own.length & 255];
  return { fingerprint: toHex(issuer).toUpperCase(), hashed: joined(own, [4, 255], length), left, both: joined(r, s) };
}

/* The 20 octets of the issuer's fingerprint, from a sound hashed area (2.6). */
function issuerIn(area) {
  const created = [], issuers = [];
  while (area.length) {
    const length = area[0];
    need(length >= 1 && length < 192 && area.length > length, "2.6");
    const kind = area[1] & 127, content = area.subarray(2, 1 + length);
    if (kind === 2) created.push(content);
    else if (kind === 33) issuers.push(content);
    else need(area[1] < 128, "2.6");
    area = area.subarray(1 + length);
  }
  need(created.length === 1 && created[0].length === 4, "2.6");
  need(issuers.length === 1 && issuers[0].length === 21 && issuers[0][0] === 4, "2.6");
  return issuers[0].subarray(1);
}

/* The first number as 32 octets, and what follows it. */
function readNumber(bytes) {
  const octets = Math.floor((toNumber(bytes.subarray(0, 2)) + 7) / 8);
  need(bytes.length >= 2 + octets && octets <= 32, "2.7");
  const found = new Uint8Array(32);
  found.set(bytes.subarray(2, 2 + octets), 32 - octets);
  return [found, bytes.subarray(2 + octets)];
}

/* RFC 4880 3.2: the length in bits, no leading zero octet. */
function spelledNumber(octets) {
  const first = octets.findIndex((octet) => octet !== 0);
  if (first < 0) return [0, 0];
  const bits = 8 * (31 - first) + octets[first].toString(2).length;
  return joined([bits >> 8, bits & 255], octets.subarray(first));
}

/* S is below the order of the group: else one signature has many spellings (2.7). */
function isBelowOrder(s) {
  for (let at = 31; at >= 0; at -= 1) if (s[at] !== L[at]) return s[at] < L[at];
  return false;
}

async function checkSignature(parsed, body, key) {
  const hash = await sha512(joined(body, parsed.hashed));
  need(isAt(hash, parsed.left, 0), "2.8");
  need(await verifies(key.raw, parsed.both, hash), "2.8");
}

/* RFC 4880 12.2. */
function fingerprintOf(key) {
  const created = octetsOf([key.created]);
  const packet = joined([4], created, [22, 9], fromHex("2b06010401da470f01"), [1, 7, 0x40], key.raw);
  return toHex(ownSha1(joined([0x99, 0, packet.length], packet))).toUpperCase();
}

