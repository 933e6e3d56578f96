// The page of a development host's dialog. Names come in as data and are shown as text.
/* global window, document */
'use strict';

const wire = window.dialogWire;
const part = (id) => document.getElementById(id);
const list = part('entries');

let question = null;
let listing = null;
let current = 0;
const marked = new Set();

start();

async function start() {
  const begun = await wire({ kind: 'begin' });
  question = begun.question;
  part('title').textContent = question.title;
  part('act').textContent = question.act;
  if (question.skip) {
    part('skip').textContent = question.skip;
    part('skip').hidden = false;
  }
  if (question.want === 'new') {
    part('name').hidden = false;
    part('name-label').hidden = false;
    part('name').value = question.name ?? '';
  }
  show(begun.listing);
  list.focus();
}

function show(next) {
  listing = next;
  current = 0;
  marked.clear();
  part('folder').textContent = listing.folder;
  part('up').disabled = listing.parent === null;
  list.replaceChildren(...listing.entries.map(row));
  draw();
}

function row(entry, index) {
  const item = document.createElement('li');
  item.id = `entry-${index}`;
  item.setAttribute('role', 'option');
  item.className = entry.folder ? 'folder' : choosesFiles() ? 'file' : 'file plain';
  const glyph = document.createElement('span');
  glyph.textContent = entry.folder ? '▸' : '·';
  glyph.setAttribute('aria-hidden', 'true');
  const name = document.createElement('span');
  name.textContent = entry.name;
  item.append(glyph, name);
  item.addEventListener('click', () => {
    current = index;
    mark(entry);
  });
  item.addEventListener('dblclick', () => open(entry));
  return item;
}

function draw(note) {
  const items = [...list.children];
  items.forEach((item, index) => {
    item.classList.toggle('current', index === current);
    item.setAttribute('aria-selected', String(marked.has(listing.entries[index].name)));
  });
  if (items[current]) {
    list.setAttribute('aria-activedescendant', items[current].id);
    items[current].scrollIntoView({ block: 'nearest' });
  }
  part('note').textContent = note ?? state();
  part('act').disabled = choosesFiles() && marked.size === 0;
}

function state() {
  if (listing.problem) return listing.problem;
  if (listing.cut) return `Only the first ${listing.entries.length} names are listed.`;
  if (choosesFiles()) return marked.size === 0 ? 'Nothing chosen yet.' : `${marked.size} chosen.`;
  return listing.entries.length === 0 ? 'This folder is empty.' : '';
}

function choosesFiles() {
  return question.want === 'file' || question.want === 'files';
}

function mark(entry) {
  if (entry && !entry.folder && choosesFiles()) {
    const was = marked.has(entry.name);
    if (question.want === 'file') marked.clear();
    if (was) marked.delete(entry.name);
    else marked.add(entry.name);
  }
  draw();
}

async function open(entry) {
  if (!entry) return;
  if (entry.folder) {
    const joint = listing.folder.endsWith('/') || listing.folder.endsWith('\\') ? '' : '/';
    show((await wire({ kind: 'list', where: listing.folder + joint + entry.name })).listing);
  } else if (choosesFiles()) {
    marked.add(entry.name);
    await choose();
  }
}

async function up() {
  if (listing.parent === null) return;
  const from = listing.folder;
  show((await wire({ kind: 'list', where: listing.parent })).listing);
  const back = listing.entries.findIndex((entry) => entry.folder && from.endsWith(entry.name));
  if (back >= 0) current = back;
  draw();
}

async function choose() {
  if (listing.problem) return;
  const names = question.want === 'new' ? [part('name').value] : [...marked];
  const answer = await wire({ kind: 'choose', where: listing.folder, names });
  if (answer && answer.problem) draw(answer.problem);
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  PageDown: () => move(12),
  PageUp: () => move(-12),
  Home: () => move(-Infinity),
  End: () => move(Infinity),
  Enter: () => open(listing.entries[current]),
  ' ': () => mark(listing.entries[current]),
  Backspace: () => up(),
};

function move(by) {
  current = Math.max(0, Math.min(listing.entries.length - 1, current + by));
  draw();
}

list.addEventListener('keydown', (event) => {
  const act = KEYS[event.key];
  if (!act || !listing) return;
  event.preventDefault();
  act();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') wire({ kind: 'cancel' });
});
part('up').addEventListener('click', up);
part('cancel').addEventListener('click', () => wire({ kind: 'cancel' }));
part('skip').addEventListener('click', () => wire({ kind: 'skip' }));
part('form').addEventListener('submit', (event) => {
  event.preventDefault();
  choose();
});
