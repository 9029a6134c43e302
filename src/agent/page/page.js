
'use strict';
// The token comes in the address behind #, which is sent to nobody, and stays in this tab alone.
const KEY = 'sealroom-agent-token';
const EVERY = 2000;
const at = (id) => document.getElementById(id);
const sure = new Map();
let shown = '';

function takeToken() {
  if (!location.hash.startsWith('#token=')) return;
  sessionStorage.setItem(KEY, location.hash.slice(7));
  history.replaceState(null, '', location.pathname);
}

// Whatever anyone wrote becomes text, never markup.
function make(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = String(text);
  if (kind) made.className = kind;
  return made;
}

function put(parent, ...children) {
  parent.append(...children);
  return parent;
}

const utc = (seconds) => seconds === 0 ? 'never' : new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
const brief = (id) => id.slice(0, 8) + '…';

async function ask(path, body) {
  const headers = { Authorization: 'Bearer ' + (sessionStorage.getItem(KEY) || '') };
  if (body === undefined) return fetch(path, { headers });
  headers['Content-Type'] = 'application/json';
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

function trouble(text) {
  at('trouble').textContent = text;
  at('trouble').hidden = text === '';
  holdWhatMoved();
}

// Gives whether it was done.
async function act(path, body) {
  let done = false;
  try {
    const answer = await ask(path, body);
    done = answer.ok;
    trouble(answer.ok ? '' : (await answer.text()).trim());
  } catch (error) {
    trouble('the agent does not answer');
  }
  await look();
  return done;
}

// Whoever aims at a button means what stood there when they aimed: one that is new, that asks something else than before, or that
// moved, cannot be pressed for a moment.
const HOLD = 2000;
const places = new WeakMap();

function hold(made) {
  made.disabled = true;
  clearTimeout(made.held);
  made.held = setTimeout(() => { made.disabled = made.dataset.sent === 'yes'; }, HOLD);
}

function holdWhatMoved() {
  for (const made of document.querySelectorAll('main button')) {
    const { left, top, width } = made.getBoundingClientRect();
    const place = [left + scrollX, top + scrollY, width].map(Math.round).join();
    if (places.get(made) !== place) hold(made);
    places.set(made, place);
  }
}

function button(text, kind, press) {
  const made = make('button', text, kind);
  made.type = 'button';
  made.addEventListener('click', () => press(made));
  return made;
}

// Children of an element, one an item: each stays the element that it was for as long as its item is there.
function keep(parent, items, key, begin, fill) {
  const before = new Map(Array.from(parent.children, (child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const child = before.get(key(item)) || begin(item);
    child.dataset.key = key(item);
    before.delete(key(item));
    fill(child, item);
    return child;
  });
  for (const gone of before.values()) gone.remove();
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] || null);
  });
}

// A person says yes to the digest that stands there, and to nothing that takes its place.
function pending(contract, waits) {
  const box = make('section', undefined, 'pending');
  box.dataset.proposal = waits.proposal;
  const decision = { contract: contract.id, proposal: waits.proposal };
  const decide = (path) => async () => {
    const both = box.querySelectorAll('button');
    for (const made of both) [made.disabled, made.dataset.sent] = [true, 'yes'];
    const done = await act(path, decision);
    for (const made of both) {
      made.dataset.sent = '';
      if (!done) hold(made);
    }
  };
  put(box, make('div', undefined, 'asked'), put(make('p', undefined, 'decide'),
    button('Approve this proposal', 'approve', decide('/api/approve')),
    button('Refuse', 'refuse', decide('/api/refuse'))));
  return box;
}

function fillPending(box, waits) {
  const asked = box.querySelector('.asked');
  asked.replaceChildren(make('strong', 'Run number ' + waits.run + (waits.approved ? ' is approved' : ' waits for you')), make('p', waits.explained, 'explained'));
  if (waits.reveals.length > 0) {
    const list = make('ul', undefined, 'reveals');
    for (const line of waits.reveals) put(list, make('li', line));
    put(asked, make('span', 'What leaves, and for whom:', 'soft'), list);
  }
  put(asked, put(make('p', 'Proposal ', 'soft'), make('span', waits.proposal, 'id'), ', since ' + utc(waits.since)));
  box.querySelector('.decide').hidden = waits.approved;
}

function grants(contract) {
  const table = make('table');
  put(table, put(make('tr'), ...['run number', 'granted', 'state', 'proposal', 'receipt'].map((name) => make('th', name))));
  for (const grant of contract.runs.grants) {
    const row = put(make('tr'), make('td', grant.run), make('td', utc(grant.clock)), make('td', grant.state));
    const receipt = grant.receipt ? brief(grant.receipt) : 'none yet: it counts';
    put(table, put(row, make('td', brief(grant.proposal), 'id'), make('td', receipt, grant.receipt ? 'id' : 'soft')));
  }
  return put(make('div', undefined, 'scroll'), table);
}

// Twice, since nobody can take it back; and not by a double click.
function stop(contract) {
  const isSure = () => Date.now() - (sure.get(contract.id) || 0) < 10000;
  const made = button('', 'stop', () => {
    if (isSure()) {
      sure.delete(contract.id);
      act('/api/stop', { contract: contract.id });
    } else {
      sure.set(contract.id, Date.now());
      made.say();
      hold(made);
    }
  });
  made.say = () => {
    const text = isSure() ? 'Really stop it for ever' : 'Stop this contract';
    if (made.textContent === text) return;
    made.textContent = text;
    made.classList.toggle('sure', isSure());
    hold(made);
  };
  made.say();
  return made;
}

function card(contract) {
  const made = make('article', undefined, 'contract');
  if (contract.id === null) return put(made, make('div', undefined, 'about'));
  made.dataset.contract = contract.id;
  const ending = put(make('div', undefined, 'ending'), make('h3', 'Stop'),
    make('p', 'A stop ends the contract for you, in every room, now and later.', 'soft'), stop(contract));
  return put(made, make('div', undefined, 'about'), make('div', undefined, 'waiting'), make('div', undefined, 'ledger'), ending);
}

function fillCard(made, contract) {
  const about = made.querySelector('.about');
  const title = contract.id === null ? contract.file : contract.name;
  about.replaceChildren(put(make('div', undefined, 'head'), make('h2', title), make('span', contract.standing, 'standing ' + contract.standing)));
  if (contract.id === null) {
    put(about, make('p', 'Host ' + contract.host, 'soft'), make('p', contract.trouble, 'trouble'));
    return;
  }
  const runs = contract.runs;
  put(about, make('p', contract.purpose), put(make('p', undefined, 'soft'), make('span', contract.id, 'id')));
  put(about, make('p', 'Host ' + contract.host + ' · granted until ' + contract.expires + ' · last look ' + utc(contract.looked), 'soft'));
  if (contract.simulated) put(about, make('p', 'The contract accepts a SIMULATED platform: no hardware protects the data there.', 'warning'));
  if (contract.trouble) put(about, make('p', contract.trouble, 'trouble'));
  for (const warning of contract.warnings) put(about, make('p', warning, 'warning'));
  keep(made.querySelector('.waiting'), contract.pending, (waits) => waits.proposal, (waits) => pending(contract, waits), fillPending);
  const ledger = made.querySelector('.ledger');
  const bar = make('progress');
  bar.max = contract.most;
  bar.value = Math.min(runs.counted, contract.most);
  ledger.replaceChildren(make('h3', 'Runs used'), put(make('div', undefined, 'bar'), bar));
  const own = contract.most < runs.limit ? ' (the contract has ' + runs.limit + ')' : '';
  put(ledger, make('p', runs.counted + ' of ' + contract.most + own + ' are used: ' + runs.confirmed + ' confirmed by a receipt, ' + runs.open
    + ' without one; ' + runs.given_back + ' were given back', 'budget'));
  if (runs.grants.length > 0) put(ledger, make('h3', 'Grants and receipts'), grants(contract));
  made.querySelector('.ending').hidden = contract.standing === 'stopped';
}

// Nothing is shown, and the token is asked for.
function shut(stale) {
  if (stale) at('stale').hidden = false;
  at('entry').hidden = false;
  at('contracts').replaceChildren();
  shown = '';
  document.body.dataset.state = 'closed';
}

async function look() {
  if (sessionStorage.getItem(KEY) === null) {
    shut(false);
    return;
  }
  let answer;
  try {
    answer = await ask('/api/state');
  } catch (error) {
    trouble('the agent does not answer');
    document.body.dataset.state = 'away';
    return;
  }
  if (answer.status === 401) {
    // Whoever is at this address does not get it again.
    sessionStorage.removeItem(KEY);
    trouble('');
    shut(true);
    return;
  }
  if (!answer.ok) {
    trouble((await answer.text()).trim());
    document.body.dataset.state = 'away';
    return;
  }
  const state = await answer.json();
  at('entry').hidden = true;
  at('stale').hidden = true;
  at('party').textContent = 'acts for "' + state.party + '"';
  delete state.now;
  const text = JSON.stringify(state);
  if (text !== shown) {
    shown = text;
    keep(at('contracts'), state.contracts, (contract) => contract.id || contract.file, card, fillCard);
  }
  for (const made of document.querySelectorAll('button.stop')) made.say();
  if (at('trouble').textContent === 'the agent does not answer') trouble('');
  holdWhatMoved();
  document.body.dataset.state = 'open';
  document.body.dataset.answers = Number(document.body.dataset.answers) + 1;
}

at('entry').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at('token').value.trim());
  at('token').value = '';
  look();
});

// An address with a new token, opened where an old one was.
addEventListener('hashchange', () => {
  takeToken();
  look();
});

takeToken();
look();
setInterval(look, EVERY);
