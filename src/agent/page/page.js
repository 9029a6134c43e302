
'use strict';
// The token comes in the address behind #, which is sent to nobody, and stays in this tab alone.
const KEY = 'sealroom-agent-token';
const EVERY = 2000;
const at = (id) => document.getElementById(id);
const sure = new Map();
let shown = '';

if (location.hash.startsWith('#token=')) {
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
}

async function act(path, body) {
  try {
    const answer = await ask(path, body);
    trouble(answer.ok ? '' : (await answer.text()).trim());
  } catch (error) {
    trouble('the agent does not answer');
  }
  await look();
}

function button(text, kind, press) {
  const made = make('button', text, kind);
  made.type = 'button';
  made.addEventListener('click', () => {
    made.disabled = true;
    press(made);
  });
  return made;
}

// A person says yes to the digest that stands there, and to nothing that takes its place.
function pending(contract, waits) {
  const box = make('section', undefined, 'pending');
  box.dataset.proposal = waits.proposal;
  put(box, make('strong', 'Run ' + waits.run + (waits.approved ? ' is approved' : ' waits for you')), make('p', waits.explained, 'explained'));
  if (waits.reveals.length > 0) {
    const list = make('ul', undefined, 'reveals');
    for (const line of waits.reveals) put(list, make('li', line));
    put(box, make('span', 'What leaves, and for whom:', 'soft'), list);
  }
  put(box, put(make('p', 'Proposal ', 'soft'), make('span', waits.proposal, 'id'), ', since ' + utc(waits.since)));
  if (!waits.approved) {
    const decision = { contract: contract.id, proposal: waits.proposal };
    put(box,
      button('Approve this proposal', 'approve', () => act('/api/approve', decision)),
      button('Refuse', 'refuse', () => act('/api/refuse', decision)));
  }
  return box;
}

function grants(contract) {
  const table = make('table');
  put(table, put(make('tr'), ...['run', 'granted', 'state', 'proposal', 'receipt'].map((name) => make('th', name))));
  for (const grant of contract.runs.grants) {
    const row = put(make('tr'), make('td', grant.run), make('td', utc(grant.clock)), make('td', grant.state));
    const receipt = grant.receipt ? brief(grant.receipt) : 'none yet: it counts';
    put(table, put(row, make('td', brief(grant.proposal), 'id'), make('td', receipt, grant.receipt ? 'id' : 'soft')));
  }
  return put(make('div', undefined, 'scroll'), table);
}

// Twice, since nobody can take it back.
function stop(contract) {
  const isSure = () => Date.now() - (sure.get(contract.id) || 0) < 10000;
  const made = make('button', isSure() ? 'Really stop it for ever' : 'Stop this contract', isSure() ? 'stop sure' : 'stop');
  made.type = 'button';
  made.addEventListener('click', () => {
    if (isSure()) {
      sure.delete(contract.id);
      act('/api/stop', { contract: contract.id });
    } else {
      sure.set(contract.id, Date.now());
      shown = '';
      look();
    }
  });
  return made;
}

function show(contract) {
  const card = make('article', undefined, 'contract');
  card.dataset.contract = contract.id;
  const runs = contract.runs;
  put(card, put(make('div', undefined, 'head'), make('h2', contract.name), make('span', contract.standing, 'standing ' + contract.standing)));
  put(card, make('p', contract.purpose), put(make('p', undefined, 'soft'), make('span', contract.id, 'id')));
  put(card, make('p', 'Host ' + contract.host + ' · granted until ' + contract.expires + ' · last look ' + utc(contract.looked), 'soft'));
  if (contract.simulated) put(card, make('p', 'The contract accepts a SIMULATED platform: no hardware protects the data there.', 'warning'));
  if (contract.trouble) put(card, make('p', contract.trouble, 'trouble'));
  for (const warning of contract.warnings) put(card, make('p', warning, 'warning'));
  for (const waits of contract.pending) put(card, pending(contract, waits));
  put(card, make('h3', 'Runs'));
  const bar = make('progress');
  bar.max = contract.most;
  bar.value = Math.min(runs.counted, contract.most);
  put(card, put(make('div', undefined, 'bar'), bar));
  const own = contract.most < runs.limit ? ' (the contract has ' + runs.limit + ')' : '';
  put(card, make('p', runs.counted + ' of ' + contract.most + own + ' are used: ' + runs.confirmed + ' confirmed by a receipt, ' + runs.open
    + ' without one; ' + runs.given_back + ' were given back', 'budget'));
  if (runs.grants.length > 0) put(card, make('h3', 'Grants and receipts'), grants(contract));
  if (contract.standing !== 'stopped') {
    put(card, make('h3', 'Stop'), make('p', 'A stop ends the contract for you, in every room, now and later.', 'soft'), stop(contract));
  }
  return card;
}

async function look() {
  let answer;
  try {
    answer = await ask('/api/state');
  } catch (error) {
    trouble('the agent does not answer');
    document.body.dataset.state = 'away';
    return;
  }
  at('entry').hidden = answer.status !== 401;
  if (!answer.ok) {
    trouble(answer.status === 401 ? '' : (await answer.text()).trim());
    at('contracts').replaceChildren();
    shown = '';
    document.body.dataset.state = 'closed';
    return;
  }
  const state = await answer.json();
  at('party').textContent = 'acts for "' + state.party + '"';
  delete state.now;
  const text = JSON.stringify(state);
  if (text !== shown) {
    shown = text;
    at('contracts').replaceChildren(...state.contracts.map(show));
  }
  if (at('trouble').textContent === 'the agent does not answer') trouble('');
  document.body.dataset.state = 'open';
  document.body.dataset.answers = Number(document.body.dataset.answers) + 1;
}

at('entry').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at('token').value.trim());
  at('token').value = '';
  look();
});

look();
setInterval(look, EVERY);
