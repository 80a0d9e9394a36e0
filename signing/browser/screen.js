/* What the reader sees. Every text is set as text, never as markup. */
const { keys: KEYS, words: WORDS, root: ROOT, name: NAME, first: FIRST } = JSON.parse(document.getElementById("newsroom").textContent);
const MARKS = { genuine: "M6 13l4 4 8-9", false: "M7 7l10 10M17 7L7 17", unknown: "M9 9a3 3 0 1 1 4 3q-1 .5-1 2m0 2v2.4" };
const at = (id) => document.getElementById(id);
let tongue = FIRST, answer = null, turns = 0;

const say = (key) => WORDS[tongue][KEYS.indexOf(key) + 2].replace("{name}", () => NAME);

function node(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.appendChild(made);
  return made;
}

/* In the letters and the calendar of the tongue, where the browser knows them. */
function local(make, otherwise) {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tongue).length ? make() : otherwise;
  } catch (error) {
    return otherwise;
  }
}

function day(moment) {
  const long = { year: "numeric", month: "long", day: "numeric" };
  return local(() => new Intl.DateTimeFormat(tongue, long).format(new Date(moment)), moment.slice(0, 10));
}

function ago(moment) {
  const days = Math.min(0, Math.round((Date.parse(moment) - Date.now()) / 1000 / DAY));
  return local(() => ` (${new Intl.RelativeTimeFormat(tongue, { numeric: "auto" }).format(days, "day")})`, "");
}

function fact(list, key, text) {
  node("dt", say(key), list);
  node("dd", text, list);
}

function showAnswer() {
  const place = at("answer");
  place.textContent = "";
  place.removeAttribute("class");
  if (!answer) return;
  place.className = answer.verdict;
  const svg = at("mark").content.firstElementChild.cloneNode(true);
  svg.firstElementChild.setAttribute("d", MARKS[answer.verdict]);
  place.appendChild(svg);
  node("h2", say(answer.verdict), place);
  const file = node("p", "", place);
  file.className = "file";
  node("bdi", answer.file, file);
  if (answer.why) node("p", say(answer.why), place);
  if (answer.verdict === "genuine") {
    const list = node("dl", "", place);
    fact(list, "edition", local(() => new Intl.NumberFormat(tongue, { useGrouping: false }).format(answer.edition), answer.edition));
    fact(list, "issued", day(answer.issued) + (answer.age === "clock" ? "" : ago(answer.issued)));
    fact(list, "until", day(answer.expires));
    if (answer.age !== "known") node("p", say(answer.age), place).className = "care";
    node("p", say("limit"), place);
  } else {
    node("p", say("distrust"), place);
    node("p", `formats ${answer.clause}`, place).className = "clause";
  }
}

function speak(language) {
  tongue = language;
  document.documentElement.lang = language;
  document.documentElement.dir = WORDS[language][1];
  document.title = `${say("title")} · ${NAME}`;
  document.querySelectorAll("[data-say]").forEach((one) => { one.textContent = say(one.dataset.say); });
  at("tongues").querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one.lang === language));
  showAnswer();
}

async function take(file) {
  const turn = turns += 1;
  const found = { file: file.name };
  answer = null;
  showAnswer();
  at("file").disabled = true;
  try {
    const isLarge = file.size > MAX_FILE;
    const bytes = isLarge ? null : new Uint8Array(await new Response(file).arrayBuffer());
    Object.assign(found, isLarge ? LARGE : await check(bytes, ROOT, Date.now() / 1000));
  } catch (error) {
    Object.assign(found, LARGE);
  }
  at("file").disabled = false;
  if (turn !== turns) return;
  answer = found;
  showAnswer();
}

function begin() {
  at("name").textContent = NAME;
  at("root").textContent = ROOT;
  for (const language of Object.keys(WORDS)) {
    const button = node("button", WORDS[language][0], node("li", "", at("tongues")));
    button.type = "button";
    button.lang = language;
    button.onclick = () => speak(language);
  }
  at("file").onchange = (event) => {
    if (event.target.files.length) take(event.target.files[0]);
    event.target.value = "";
  };
  const wanted = (navigator.languages || []).map((one) => Object.keys(WORDS).find((own) => own.split("-")[0] === one.split("-")[0]));
  speak(wanted.find(Boolean) || FIRST);
}

begin();
window.check = check;
