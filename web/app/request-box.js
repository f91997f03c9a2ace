// Asking in words: a search box with what shoppers asked for as examples. What is asked for stands
// in the address (`ask`), and the lists follow it as one types.

import { api } from './api.js';
import { debounce, h, icon } from './dom.js';
import { personOf } from './person.js';
import { change } from './router.js';

const EXAMPLES = 6;
const MOST = 2000; // letters; a request is a sentence

/** What is asked for, or undefined. */
export const askedFor = ({ params }) => params.ask?.trim().slice(0, MOST) || undefined;

let known = { user: undefined, promise: null };

/** {takes_text, requests, own}: a shopper's own requests, or else some of others. Asked for once. */
function examplesFor(user) {
    if (known.promise && known.user === user) return known.promise;
    const find = async () => {
        const own = user ? await api.requests({ user, n: EXAMPLES }) : null;
        if (own && (!own.takes_text || own.requests.length)) return { ...own, own: true };
        return { ...await api.requests({ n: EXAMPLES }), own: false };
    };
    const promise = find();
    known = { user, promise };
    promise.catch(() => { known = { user: undefined, promise: null }; });
    return promise;
}

/** After another model was taken in. */
export function forgetExamples() {
    known = { user: undefined, promise: null };
}

export function requestBox() {
    const ask = (text) => change({ ask: text.trim(), product: '' }, { replace: true });
    const input = h('input', { type: 'search', id: 'ask', maxlength: MOST, autocomplete: 'off', enterkeyhint: 'search',
        placeholder: 'What are you looking for?' });
    const later = debounce(() => ask(input.value), 250);
    const submit = (event) => {
        event.preventDefault();
        later.cancel();
        ask(input.value);
    };
    input.addEventListener('input', later);
    const form = h('form.search-field', { role: 'search', 'aria-label': 'In words', onsubmit: submit },
        h('label.unseen', { for: 'ask' }, 'What are you looking for?'), icon('search'), input);
    const title = h('span.examples-title', { id: 'examples-title' });
    const chips = h('div.examples', { role: 'group', 'aria-labelledby': 'examples-title' });
    const without = h('p.hint', { hidden: true }, 'This shop cannot be asked in words yet: its model has to learn them first (',
        h('code', null, 'lookbook train --model whisper'), ').');
    const element = h('div.request-box', { hidden: true }, form, chips, without);
    let turn = 0;

    const chip = (text) => h('button.chip', { type: 'button', 'aria-pressed': 'false', onclick: () => {
        later.cancel();
        input.value = text;
        ask(text);
    } }, text);

    const press = (current) => chips.querySelectorAll('.chip').forEach((button) => {
        button.setAttribute('aria-pressed', String(button.textContent === current));
    });

    function fill({ takes_text: takes, requests, own }, current) {
        element.hidden = false;
        form.hidden = !takes;
        without.hidden = takes;
        title.textContent = own ? 'Asked before' : 'For instance';
        const texts = [...new Set(requests.map((request) => request.text))];
        if (JSON.stringify(texts) !== chips.dataset.texts) {
            chips.replaceChildren(title, ...texts.map(chip));
            chips.dataset.texts = JSON.stringify(texts);
        }
        chips.hidden = !takes || !texts.length;
        press(current);
    }

    return {
        element,
        /** Brings the box to what the address says. */
        show(route) {
            const current = askedFor(route) ?? '';
            const mine = ++turn;
            if (document.activeElement !== input) input.value = current;
            press(current);
            examplesFor(personOf(route).user).then(
                (found) => { if (mine === turn) fill(found, current); },
                () => { element.hidden = true; });
        },
        destroy: () => later.cancel(),
    };
}
