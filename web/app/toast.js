// One line of news at the foot of the page, read out by screen readers, with a way to undo.

import { h } from './dom.js';

const SHOWN = 8000;

const line = h('p.toast-text', { role: 'status', 'aria-live': 'polite' });
const action = h('button.toast-action', { type: 'button', hidden: true });
const bar = h('div.toast', { hidden: true }, line, action);
const quiet = h('p.unseen', { role: 'status', 'aria-live': 'polite' });
const place = h('div.toasts', null, bar, quiet);
let timer = 0;
let act = null;

action.addEventListener('click', () => {
    const run = act;
    hide();
    run?.();
});
// Whoever is reading or reaching for the button has the time it takes.
bar.addEventListener('pointerenter', () => clearTimeout(timer));
bar.addEventListener('pointerleave', () => wait());
bar.addEventListener('focusin', () => clearTimeout(timer));
bar.addEventListener('focusout', () => wait());

function wait() {
    clearTimeout(timer);
    timer = setTimeout(hide, SHOWN);
}

function hide() {
    clearTimeout(timer);
    if (bar.contains(document.activeElement)) document.querySelector('main h1')?.focus();
    bar.hidden = true;
    act = null;
}

/** Everything outside an open dialog is out of reach, so that the line moves into it. */
function settle() {
    const open = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
    if (place.parentElement !== open) open.append(place);
}

/** Shows and reads out a text; `label` and `run`: a button, as to undo. */
export function say(text, label, run) {
    settle();
    bar.hidden = false;
    line.textContent = text;
    action.hidden = !label;
    action.textContent = label ?? '';
    act = run ?? null;
    wait();
}

/** Reads out a text that the eye sees elsewhere. */
export function announce(text) {
    settle();
    quiet.textContent = text;
}

settle();
