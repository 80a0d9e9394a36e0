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
