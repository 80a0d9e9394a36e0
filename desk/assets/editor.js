// Writing on the page itself. Without this, the same form is sent by its own buttons.
const doc = document, { story } = doc.body.dataset
const $ = (what, within = doc) => within.querySelector(what)
const $$ = (what, within = doc) => [...within.querySelectorAll(what)]
const make = (tag, given) => Object.assign(doc.createElement(tag), given)
const form = $('#story'), surface = $('#surface'), told = $('#told'), shelf = $('#pictures')
let dirty = false, bySelf = true, timer, sending, images = [], rows = [], line = Promise.resolve()
const status = (words, bad) => Object.assign($('#saved'), { textContent: words, className: bad ? 'warn' : '' })
const command = (name, value) => doc.execCommand(name, false, value)

// --- Saving: the surface becomes the text of the form
const gather = () => {
  if (form.classList.contains('as-source')) return
  images = $$('img', surface)
  form.elements.text.value = surface.innerHTML
  form.elements.form.value = 'html'
}
const send = async () => {
  const answer = await fetch(`${form.action}?part=1`, { method: 'POST', body: new FormData(form) })
  const back = await answer.json().catch(() => ({ fault: 'sign in in another tab, then save again' }))
  if (back.seen) form.elements.seen.value = back.seen
  if (answer.status === 409) bySelf = false
  if (back.fault) throw Error(back.fault)
  const found = $('#cautions')
  if (found) found.innerHTML = back.cautions
  if (images.length === back.pictures.length) images.forEach((img, n) => { img.src = back.pictures[n] })
  list()
  status(back.saved, back.removed)
  // A new story goes on where it lies now
  form.action = `/stories/${back.id}`
  if (!story) history.replaceState(null, '', form.action)
  return back.id
}
const save = async () => {
  await sending
  timer = clearTimeout(timer)
  gather()
  dirty = false
  sending = send().catch((error) => {
    dirty = true
    status(`Not saved: ${error.message}`, true)
    if (bySelf) timer = setTimeout(save, 1e4)
  })
  return sending
}
const saveAndShow = async () => {
  const id = await save()
  if (id && (!story || form.elements.picture.value)) location.href = `/stories/${id}`
  return id
}
const changed = () => {
  dirty = true
  status('Not saved yet')
  list()
  if (bySelf && form.elements.title.value) timer ??= setTimeout(save, 3000)
}

// --- Pasting: what comes over the clipboard is sent to the desk unread, and comes back clean
const say = (words, removed = [], undo = false) => {
  told.hidden = false
  $('p', told).textContent = words
  $('ul', told).replaceChildren(...removed.map((textContent) => make('li', { textContent })))
  $('button', told).hidden = !undo
}
const here = () => {
  const chosen = getSelection(), range = doc.createRange()
  if (chosen.rangeCount && surface.contains(chosen.getRangeAt(0).commonAncestorContainer)) return chosen.getRangeAt(0).cloneRange()
  range.selectNodeContents(surface)
  range.collapse()
  return range
}
const clean = async (html, files) => {
  const given = new FormData()
  const { language } = Object.fromEntries(new FormData(form))
  Object.entries({ html, language, story: form.action.split('/').pop() }).forEach((pair) => given.append(...pair))
  files.forEach((file) => given.append('picture', file))
  const answer = await fetch('/stories/paste', { method: 'POST', body: given })
  const back = await answer.json().catch(() => ({ fault: 'sign in in another tab, then try again' }))
  if (back.fault) throw Error(back.fault)
  return back
}
const put = async (at, html, files) => {
  say(files.length ? 'The picture is made anew…' : 'The paste is cleaned…')
  try {
    const { html: safe, removed } = await clean(html, files), before = $$('img', surface)
    surface.focus()
    getSelection().removeAllRanges()
    getSelection().addRange(at)
    command('insertHTML', safe)
    if (!safe) return say('Nothing of it could be kept. Left out:', removed)
    const what = files.length ? 'Picture added: nothing of the camera, place or time is in it.' : 'Pasted.'
    say(removed.length ? `${what} Left out:` : files.length ? what : `${what} Nothing had to be left out.`, removed, true)
    const fresh = $$('img', surface).find((img) => !before.includes(img))
    if (fresh && files.length) rows.find(({ img }) => img === fresh)?.field.focus()
  } catch (error) {
    say(`Nothing was added: ${error.message}.`)
  }
}
const take = (event, from, at) => {
  const html = from.getData('text/html'), files = [...from.files].filter(({ type }) => /^image/.test(type))
  if (!html && !files.length) return
  event.preventDefault()
  line = line.then(() => put(at(), html, html ? [] : files))
}
const pointed = ({ clientX, clientY }) => doc.caretRangeFromPoint?.(clientX, clientY) ?? here()

// --- Pictures: what each shows, and away with it
const row = (img, n) => {
  const label = make('label', { textContent: `Picture ${n + 1}: what it shows, for those who cannot see it` })
  const field = make('input', { value: img.alt, maxLength: 300 }), thumb = make('img', { alt: '', src: img.src })
  const away = make('button', { type: 'button', className: 'btn', textContent: 'Take it out', ariaLabel: `Take picture ${n + 1} out` })
  field.oninput = () => { img.alt = field.value }
  away.onclick = () => {
    const range = doc.createRange()
    range.selectNode(img.closest('figure') ?? img)
    surface.focus()
    getSelection().removeAllRanges()
    getSelection().addRange(range)
    command('delete')
    if (surface.contains(img)) img.remove()
    changed()
  }
  label.append(field)
  const part = make('div', { className: 'pic' })
  part.append(thumb, label, away)
  return { img, thumb, field, part }
}
const list = () => {
  const now = $$('img', surface)
  if (now.length !== rows.length || now.some((img, n) => rows[n].img !== img)) {
    rows = now.map(row)
    $('div', shelf).replaceChildren(...rows.map(({ part }) => part))
  }
  rows.forEach(({ img, thumb, field }) => {
    if (thumb.src !== img.src) thumb.src = img.src
    field.classList.toggle('lacks', !img.alt.trim())
  })
  shelf.hidden = !rows.length
}

let pick // kept while its dialog is open, or the browser may drop it with what was chosen
const tools = {
  createLink: () => {
    const to = prompt('An address with https://') ?? ''
    if (/^(https?:\/\/|mailto:)/.test(to)) command('createLink', to)
  },
  picture: () => {
    const at = here()
    pick = make('input', { type: 'file', accept: 'image/*', multiple: true })
    pick.onchange = () => { line = line.then(() => put(at, '', [...pick.files])) }
    pick.click()
  },
  source: async () => {
    if (form.classList.contains('as-source')) return (await saveAndShow()) && location.reload()
    gather()
    form.classList.add('as-source')
  },
}
const since = ({ target }) => { if (!told.contains(target)) $('button', told).hidden = true }
Object.assign(surface, { contentEditable: 'true', role: 'textbox', ariaMultiLine: 'true' })
command('defaultParagraphSeparator', 'p')
surface.onpaste = (event) => {
  const at = here()
  take(event, event.clipboardData, () => at)
}
let own = false
surface.ondragstart = () => { own = true }
surface.ondragend = () => { own = false }
surface.ondrop = (event) => {
  const at = pointed(event)
  if (!own) take(event, event.dataTransfer, () => at)
}
$('button', told).onclick = () => {
  surface.focus()
  command('undo')
  say('Taken back.')
}
form.oninput = (event) => {
  if (surface.contains(event.target)) since(event)
  changed()
}
form.onchange = () => {
  const chosen = $('[name=language]:checked', form)
  if (chosen) Object.assign($('#article'), { lang: chosen.value, dir: chosen.dataset.dir })
}
form.onsubmit = (event) => {
  gather()
  clearTimeout(timer)
  dirty = false
  if (event.submitter?.hasAttribute('formaction')) return
  event.preventDefault()
  saveAndShow()
}
form.onmousedown = (event) => event.target.closest('.tool') && event.preventDefault()
form.onclick = ({ target }) => {
  const tool = target.closest('.tool')?.dataset
  if (tool) (tools[tool.do] ?? (() => command(tool.do, tool.with)))()
}
form.onkeydown = (event) => {
  const { key, target } = event, saving = key === 's' && (event.ctrlKey || event.metaKey)
  if (saving || key === 'Enter' && target.id === 'title') event.preventDefault()
  if (saving) saveAndShow()
}
// Going to another language saves first
const leave = (event, go) => {
  if (!dirty) return
  event.preventDefault()
  save().then((id) => id && go())
}
$$('#tongues a').forEach((one) => { one.onclick = (event) => leave(event, () => { location.href = one.href }) })
$$('#tongues form, .lag form').forEach((one) => { one.onsubmit = (event) => leave(event, () => one.requestSubmit(event.submitter)) })
addEventListener('beforeunload', (event) => dirty && event.preventDefault())
list()
