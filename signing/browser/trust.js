/* Trust: from a root id to a file that was passed by hand (formats 2, 3.2, 6 and 7). */
const KB = 1024, MAX_FILE = 64 * KB * KB + 64 * KB, MAX_ROOT = 64 * KB, MAX_SLIP = 4 * KB;
const MAX_TRAILER = 47 * KB, DAY = 86400;
const MARK = fromLatin("tamizdat-1:"), LINE = fromLatin("<!--tamizdat-1:"), LINE_END = fromLatin("-->\n");
const ROLES = ["root", "release", "timestamp", "mirrors", "denial"];
const KINDS = ["zip", "html", "text"];
const FINGERPRINT = /^[0-9A-F]{40}$/, DIGEST = /^[0-9a-f]{64}$/, CHANNEL = /^[0-9a-f]{32}$/;

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isNumber = (value) => isCount(value) && value >= 1;
const isMap = (value) => value instanceof Map;

function isMoment(value) {
  if (!isText(value, /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/) || value < "0001") return false;
  const found = new Date(value);
  return !isNaN(found) && found.toISOString() === value.replace("Z", ".000Z");
}

const distinct = (values) => new Set(values).size === values.length;
const seconds = (moment) => Date.parse(moment) / 1000;

/* Takes a file apart; nothing in it is checked yet but the spelling of the trailer. */
function split(file) {
  const form = isAt(file, [80, 75, 3, 4], 0) ? "zip" : "html";
  const [body, coded] = form === "zip" ? splitZip(file) : splitHtml(file);
  const text = unbase64(toLatin(coded), "7.1");
  need(text.length <= MAX_TRAILER, "7.1");
  const fields = parseJson(text), roots = fields.get("roots");
  need(`${canonical(fields)}\n` === utf8(text), "7.1");
  need(fields.size === 3 && Array.isArray(roots) && roots.length, "7.1");
  return { form, body, slip: sealed(fields.get("slip"), fields.get("signatures")), roots: roots.map(sealedRoot) };
}

function splitZip(file) {
  let start = file.length - 22;
  while (start >= 0 && !isAt(file, [80, 75, 5, 6], start)) start -= 1;
  const end = start + 22, comment = file.subarray(end);
  need(start >= 0 && file[end - 2] + 256 * file[end - 1] === comment.length && isAt(comment, MARK, 0), "7.1");
  return [file.subarray(0, end), comment.subarray(MARK.length)];
}

function splitHtml(file) {
  const at = find(file, joined([10], LINE));
  const rest = file.subarray(at + 1 + LINE.length);
  need(at >= 0 && isAt(rest, LINE_END, rest.length - LINE_END.length), "7.1");
  need(find(file.subarray(0, at), LINE) < 0 && find(rest, LINE) < 0, "7.3");
  return [file.subarray(0, at + 1), rest.subarray(0, rest.length - LINE_END.length)];
}

function sealedRoot(entry) {
  need(isMap(entry) && entry.size === 2, "7.1");
  return sealed(entry.get("text"), entry.get("signatures"));
}

function sealed(text, signatures) {
  need(isText(text) && isMap(signatures), "7.1");
  signatures.forEach((armor, name) => need(isText(name, FINGERPRINT) && isText(armor), "7.1"));
  return { body: new TextEncoder().encode(text), signatures };
}

/* The fields of a signed file, where all that every one has is sound. */
function parsed(body, limit, type, clause) {
  need(body.length <= limit, clause);
  const fields = parseJson(body);
  const spec = fields.has("spec") ? fields.get("spec") : "1.0";
  need(typeof spec === "string" && spec.split(".")[0] === "1", "1.7");
  need(isText(fields.get("spec")) && (!fields.has("type") || fields.get("type") === type), clause);
  need(isText(fields.get("channel"), CHANNEL) && isMoment(fields.get("issued")) && isMoment(fields.get("expires")), clause);
  return fields;
}

function parsedRoot(body, version) {
  const fields = parsed(body, MAX_ROOT, "root", "3.2"), keys = fields.get("keys"), roles = fields.get("roles");
  need(isNumber(fields.get("version")) && isMap(keys) && isMap(roles), "3.2");
  keys.forEach((key, name) => {
    need(isText(name, FINGERPRINT) && isMap(key) && key.get("alg") === "ed25519" && isText(key.get("raw"), /^[A-Za-z0-9+/]{43}=$/), "3.2");
    need(isCount(key.get("created")) && key.get("created") < 0x100000000, "3.2");
    keys.set(name, { created: key.get("created"), raw: fromLatin(atob(key.get("raw"))) });
  });
  roles.forEach((role, name) => {
    need(ROLES.includes(name) && isMap(role) && Array.isArray(role.get("keys")) && isNumber(role.get("threshold")), "3.2");
    need(role.get("keys").every((one) => isText(one, FINGERPRINT)), "3.2");
    roles.set(name, { keys: role.get("keys"), threshold: role.get("threshold") });
  });
  need(fields.get("version") === version, "6.2");
  keys.forEach((key, name) => need(fingerprintOf(key) === name, "2.9"));
  need(distinct(Array.from(keys.values(), (key) => toHex(key.raw))), "2.10");
  roles.forEach((role) => need(role.keys.every((one) => keys.has(one)) && distinct(role.keys), "3.2"));
  return { version, channel: fields.get("channel"), expires: fields.get("expires"), keys, roles };
}

/* The keys of a role that signed; one signature that is wrong refuses the file (2.10). */
async function signers(file, roots, role) {
  const keys = new Map();
  for (const root of roots) {
    for (const name of (root.roles.get(role) || { keys: [] }).keys) keys.set(name, root.keys.get(name));
  }
  for (const [name, armor] of file.signatures) {
    const signature = parseSignature(armor);
    need(signature.fingerprint === name, "2.1");
    need(keys.has(name), "2.10");
    await checkSignature(signature, file.body, keys.get(name));
  }
  return file.signatures;
}

function demand(found, root, name) {
  const role = root.roles.get(name);
  need(role && role.keys.filter((one) => found.has(one)).length >= role.threshold, "2.10");
}

async function follow(chain, rootId) {
  need(toHex(await sha256(chain[0].body)) === rootId, "6.2");
  const roots = [];
  for (const link of chain) {
    const root = parsedRoot(link.body, roots.length + 1), before = roots[roots.length - 1] || root;
    need(root.channel === before.channel, "6.3");
    const found = await signers(link, [before, root], "root");
    demand(found, before, "root");
    demand(found, root, "root");
    roots.push(root);
  }
  return roots;
}

async function checkedSlip(taken, roots) {
  const newest = roots[roots.length - 1];
  const found = await signers(taken.slip, roots, "release");
  const fields = parsed(taken.slip.body, MAX_SLIP, "bundle", "7.2"), stamp = fields.get("body");
  need(isNumber(fields.get("root_version")) && isNumber(fields.get("edition")) && isText(fields.get("language")), "7.2");
  need(KINDS.includes(fields.get("kind")) && isMap(stamp) && isText(stamp.get("sha256"), DIGEST) && isCount(stamp.get("len")), "7.2");
  need(fields.get("channel") === newest.channel && fields.get("root_version") <= newest.version, "6.3");
  demand(found, newest, "release");
  need((taken.form === "zip") === (fields.get("kind") === "zip"), "7.2");
  need(stamp.get("len") === taken.body.length && stamp.get("sha256") === toHex(await sha256(taken.body)), "7.2");
  const ends = [fields.get("expires"), newest.expires].sort()[0];
  return { edition: fields.get("edition"), issued: fields.get("issued"), expires: ends };
}

/* Why a file that was refused is no proof of anything, as far as a reader can use it. */
function answerTo(file, clause, isOther) {
  if (find(file, MARK) < 0) return { verdict: "unknown", why: "bare", clause };
  if (clause === "1.7") return { verdict: "unknown", why: "newer", clause };
  return { verdict: "false", why: isOther ? "other" : "changed", clause };
}

const LARGE = { verdict: "unknown", why: "", clause: "3.12" };

/* The answer on `file` under `rootId`, at the clock's `now` in seconds. */
async function check(file, rootId, now) {
  if (file.length > MAX_FILE) return LARGE;
  let isOther = false;
  try {
    const taken = split(file);
    isOther = toHex(await sha256(taken.roots[0].body)) !== rootId;
    const told = await checkedSlip(taken, await follow(taken.roots, rootId));
    const age = seconds(told.issued) - now > DAY ? "clock" : now >= seconds(told.expires) ? "over" : "known";
    return Object.assign({ verdict: "genuine", why: "signed", age, clause: "6.7" }, told);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return answerTo(file, error.clause, isOther);
  }
}
