// Everything works without this.
const doc = document, { body } = doc
const $ = (what, within = doc) => within.querySelector(what)
const $$ = (what, within = doc) => [...within.querySelectorAll(what)]
const make = (tag, given) => Object.assign(doc.createElement(tag), given)
const got = async (path) => {
  const answer = await fetch(path)
  return answer.ok && answer.text()
}
const put = (id, html) => {
  const there = doc.getElementById(id)
  if (there && html !== false) there.innerHTML = html
}
doc.documentElement.classList.add('on')

// --- The board
const grid = $('#p-matrix, #p-trouble') ?? make('table')
const cells = () => $$('td > a', grid)
const cellOf = (key) => $(`[data-cell="${CSS.escape(key)}"]`, grid)
const rove = (to) => cells().forEach((cell) => { cell.tabIndex = cell === to ? 0 : -1 })
const ready = () => rove($('a:focus', grid) ?? $('[aria-current]', grid) ?? cells()[0])
const step = (cell, [x, y]) => {
  const rows = $$('tbody tr:not(.g)', grid)
  let row = rows.indexOf(cell.closest('tr')), column = cell.parentNode.cellIndex, place
  do place = rows[row += y]?.cells[column += x]
  while (place && column && !$('a', place))
  return column && place && $('a', place)
}
const trouble = (cell) => {
  const all = cells(), at = all.indexOf(cell)
  return [...all.slice(at + 1), ...all.slice(0, at)].find((one) => /^[qbtd]\b/.test(one.className))
}
const beside = async (cell) => {
  const path = cell.getAttribute('href'), html = await got(`${path}?part=1`)
  put('beside', html)
  if (!html) location.href = path
}
const mark = (cell) => {
  cells().forEach((one) => one.removeAttribute('aria-current'))
  cell?.setAttribute('aria-current', 'true')
}
const choose = async (cell, act) => {
  mark(cell)
  rove(cell)
  history.replaceState(null, '', cell.href)
  await beside(cell)
  $(`[data-act=${act}]`)?.click()
  if (act === 'f') $('#reason')?.focus()
}
const patch = (key, html) => {
  const old = cellOf(key), fresh = make('template', { innerHTML: html }).content.firstChild
  if (!old) return
  const turned = old.className[0] !== fresh.className
  old.className = fresh.className
  old.ariaLabel = fresh.ariaLabel
  old.innerHTML = fresh.innerHTML
  if (turned) old.classList.add('new')
  if (old.ariaCurrent && !$('#beside').contains(doc.activeElement)) beside(old)
}
const change = ({ parts, cells: moved, say }) => {
  const focus = doc.activeElement.dataset.cell, chosen = $('[aria-current]', grid)
  for (const [id, html] of Object.entries(parts)) put(id, html)
  for (const [key, html] of Object.entries(moved)) patch(key, html)
  if (chosen) mark(cellOf(chosen.dataset.cell))
  if (focus) cellOf(focus)?.focus()
  ready()
  said.push(...say)
}

// --- News
const said = []
let heard = Date.now(), spoke = 0
const { story } = body.dataset
const shelf = async () => put('cards', await got(`/cards?current=${story}`))
const listen = (source, live) => {
  const show = (words, sort) => {
    live.className = sort
    $('span', live).textContent = words
  }
  const on = (name, act) => source.addEventListener(name, ({ data }) => {
    heard = Date.now()
    show('live ·', '')
    $('b', live).textContent = new Date(heard).toISOString().slice(11, 19)
    act?.(JSON.parse(data))
  })
  on('beat')
  on('change', change)
  on('snapshot', async (all) => {
    if (all.parts) return change(all)
    shelf()
    put('arrival', await got(`/stories/${story}?part=1`))
  })
  on('cards', shelf)
  on('arrival', ({ id, html }) => id === story && put('arrival', html))
  setInterval(() => {
    if (Date.now() - heard > 15e3) show('no news since', 'stale lost')
    if (!said.length || Date.now() - spoke < 1e4) return
    spoke = Date.now()
    $('#say').textContent = said.length > 1 ? `${said.length} changes. ${said[0]}` : said[0]
    said.length = 0
  }, 500)
}
if (body.dataset.events) listen(new EventSource(body.dataset.events), $('#live'))

// --- Writing
const form = $('#story'), surface = $('#surface')
let dirty = false, bySelf = true, timer, sending, images = []
const status = (words, bad) => Object.assign($('#saved'), { textContent: words, className: bad ? 'warn' : '' })
// The surface becomes the text of the form
const gather = () => {
  if (form.classList.contains('as-source')) return
  images = $$('img', surface)
  form.elements.text.value = surface.innerHTML
  form.elements.form.value = 'html'
}
const send = async () => {
  const answer = await fetch(`${form.action}?part=1`, { method: 'POST', body: new FormData(form) })
  const told = await answer.json().catch(() => ({ fault: 'sign in in another tab, then save again' }))
  if (told.seen) form.elements.seen.value = told.seen
  if (answer.status === 409) bySelf = false
  if (told.fault) throw Error(told.fault)
  put('cautions', told.cautions)
  if (images.length === told.pictures.length) images.forEach((img, n) => { img.src = told.pictures[n] })
  status(told.saved, told.removed)
  // A new story goes on where it lies now
  form.action = `/stories/${told.id}`
  if (!story) history.replaceState(null, '', form.action)
  return told.id
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
// Pasting keeps about what cleaning keeps.
const bare = (node) => [...node.children].forEach((child) => {
  const { tagName } = child
  bare(child)
  for (const { name } of [...child.attributes]) {
    if (!/^(href|src|alt|lang|dir|colspan|rowspan)$/.test(name)) child.removeAttribute(name)
  }
  if (/^(SCRIPT|STYLE|TITLE|SVG)$/i.test(tagName) || tagName === 'IMG' && !/^data:/.test(child.getAttribute('src'))) child.remove()
  else if (tagName === 'H1') child.replaceWith(make('h2', { innerHTML: child.innerHTML }))
  else if (/^(DIV|SPAN|FONT|SECTION|ARTICLE|.+:.+)$/.test(tagName)) child.replaceWith(...child.childNodes)
})
const insert = (html) => doc.execCommand('insertHTML', false, html)
const picture = (file) => {
  const reader = new FileReader()
  reader.onload = () => {
    const alt = prompt('What does the picture show?') ?? ''
    surface.focus()
    insert(make('img', { src: reader.result, alt }).outerHTML)
  }
  reader.readAsDataURL(file)
}
const take = (event, from) => {
  const html = from.getData('text/html'), file = [...from.files].find(({ type }) => /^image/.test(type))
  if (!html && !file) return
  event.preventDefault()
  if (!html) return picture(file)
  const inert = new DOMParser().parseFromString(html, 'text/html').body
  bare(inert)
  insert(inert.innerHTML)
}
const tools = {
  createLink: () => {
    const to = prompt('An address with https://') ?? ''
    if (/^(https?:\/\/|mailto:)/.test(to)) doc.execCommand('createLink', false, to)
  },
  picture: () => {
    const pick = make('input', { type: 'file', accept: 'image/*' })
    pick.onchange = () => picture(pick.files[0])
    pick.click()
  },
  source: async () => {
    if (form.classList.contains('as-source')) return (await saveAndShow()) && location.reload()
    gather()
    form.classList.add('as-source')
  },
}
if (form) {
  Object.assign(surface, { contentEditable: 'true', role: 'textbox', ariaMultiLine: 'true' })
  doc.execCommand('defaultParagraphSeparator', false, 'p')
  surface.onpaste = (event) => take(event, event.clipboardData)
  surface.ondrop = (event) => take(event, event.dataTransfer)
  form.oninput = () => {
    dirty = true
    status('Not saved yet')
    if (bySelf && form.elements.title.value) timer ??= setTimeout(save, 3000)
  }
  form.onchange = () => {
    const chosen = $('[name=language]:checked', form)
    Object.assign($('#article'), { lang: chosen.value, dir: chosen.dataset.dir })
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
    if (tool) (tools[tool.do] ?? doc.execCommand.bind(doc, tool.do, false, tool.with))()
  }
  form.onkeydown = (event) => {
    const { key, target } = event, saving = key === 's' && (event.ctrlKey || event.metaKey)
    if (saving || key === 'Enter' && target.id === 'title') event.preventDefault()
    if (saving) saveAndShow()
  }
  addEventListener('beforeunload', (event) => dirty && event.preventDefault())
}

// --- Keys; single ones can be switched off (WCAG 2.1.4)
const help = $('#keys'), tick = $('#single-keys')
const arrows = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }
if (tick) {
  tick.checked = localStorage.keys !== 'off'
  tick.onchange = () => { localStorage.keys = tick.checked ? 'on' : 'off' }
}
doc.onclick = (event) => {
  const cell = event.target.closest('td > a'), asked = event.target.closest('[data-keys]')
  if (!cell && !asked || event.metaKey || event.ctrlKey || event.shiftKey) return
  event.preventDefault()
  if (asked) help?.showModal()
  else choose(cell)
}
doc.addEventListener('focusin', ({ target }) => target.matches('td > a') && rove(target))
doc.onkeydown = (event) => {
  const { key, target } = event, cell = target.closest('td > a'), arrow = arrows[key]
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (cell) {
    if (arrow) event.preventDefault()
    const to = arrow ? step(cell, arrow) : key === 'b' && trouble(cell)
    if (to) to.focus()
    if (/^[rtf]$/.test(key)) choose(cell, key)
  }
  if (!tick?.checked || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
  if (key === '?') help?.showModal()
  if (key === 'n') $('[data-new]')?.click()
}
ready()
