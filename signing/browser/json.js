/* JSON as formats 1 wants it: no key twice, whole numbers, not too deep. Objects become Maps. */
const MAX_DEPTH = 8, HOPELESS_DEPTH = 200, MAX_DIGITS = 16;

/* A text, of this form where one is named. */
const isText = (value, form = /^/) => typeof value === "string" && form.test(value);

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    return refuse("1.2");
  }
}

function parseJson(bytes) {
  const text = utf8(bytes);
  let at = 0, deepest = 0;

  function skip() {
    while (at < text.length && " \t\n\r".includes(text[at])) at += 1;
  }

  function take(sign) {
    skip();
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  }

  function string() {
    let end = at + 1;
    while (text[end] !== "\"") {
      need(end < text.length, "1.2");
      end += text[end] === "\\" ? 2 : 1;
    }
    const quoted = text.slice(at, end + 1);
    at = end + 1;
    try {
      return JSON.parse(quoted);
    } catch (error) {
      return refuse("1.2");
    }
  }

  function number() {
    const form = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
    form.lastIndex = at;
    const found = form.exec(text);
    need(found, "1.2");
    need(!found[2] && !found[3], "1.4");
    const whole = Number(found[1]);
    need(found[1].replace("-", "").length <= MAX_DIGITS && Number.isSafeInteger(whole), "1.6");
    at = form.lastIndex;
    return whole;
  }

  function object(depth) {
    const pairs = [];
    at += 1;
    if (!take("}")) {
      do {
        skip();
        need(text[at] === "\"", "1.2");
        const key = string();
        need(take(":"), "1.2");
        pairs.push([key, value(depth + 1)]);
      } while (take(","));
      need(take("}"), "1.2");
    }
    const found = new Map(pairs);
    need(found.size === pairs.length, "1.3");
    return found;
  }

  function list(depth) {
    const found = [];
    at += 1;
    if (!take("]")) {
      do found.push(value(depth + 1)); while (take(","));
      need(take("]"), "1.2");
    }
    return found;
  }

  function value(depth) {
    need(depth <= HOPELESS_DEPTH, "1.5");
    deepest = Math.max(deepest, depth);
    skip();
    if (text[at] === "{") return object(depth);
    if (text[at] === "[") return list(depth);
    if (text[at] === "\"") return string();
    for (const [word, meaning] of [["true", true], ["false", false], ["null", null]]) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    need(!/^(NaN|-?Infinity)/.test(text.substr(at, 9)), "1.4");
    return number();
  }

  const found = value(1);
  skip();
  need(at === text.length && found instanceof Map, "1.2");
  need(deepest <= MAX_DEPTH, "1.5");
  return found;
}

/* The one spelling of texts, lists and objects (1.1); half of a surrogate pair has none. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value instanceof Map) return `{${Array.from(value.keys()).sort().map((key) => `${canonical(key)}:${canonical(value.get(key))}`).join(",")}}`;
  need(isText(value, /^[^\ud800-\udfff]*$/u), "7.1");
  return JSON.stringify(value);
}
