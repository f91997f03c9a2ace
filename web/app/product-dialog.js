// One product: its photo and particulars, and what is like it by taste and by look. It lies over
// whatever view is open; its address is the view's with product=ID.

import { api } from './api.js';
import { opinionButtons } from './card.js';
import { closeOutside, openDialog } from './dialog.js';
import { h, icon } from './dom.js';
import { opinions } from './feedback.js';
import { kindPath, plural, price } from './format.js';
import { opinion, personOf, personParams, profile } from './person.js';
import { photo } from './photo.js';
import { freshProduct } from './products.js';
import { change, currentRoute, link } from './router.js';
import { problem } from './status.js';
import { strip } from './strip.js';

const ALIKE = 12;

let dialog = null;
let body = null;
let running = null;
let buttons = null;

function close() {
    dialog?.close();
}

function open() {
    body = h('div.product-body');
    dialog = h('dialog.product', { 'aria-label': 'Product' },
        h('button.close', { type: 'button', 'aria-label': 'Close', onclick: close }, icon('cross')), body);
    closeOutside(dialog, close);
    dialog.addEventListener('close', () => {
        running?.abort();
        dialog = null;
        // Closed by hand: the address follows. Closed by going back: it has changed already.
        if (currentRoute().params.product) change({ product: '' });
    });
    openDialog(dialog);
}

function particulars(found) {
    const facts = [
        ['Kind', kindPath(found.category).join(' › ')],
        ['Bought by', found.new ? 'nobody yet' : plural(found.buyers, 'shopper')],
        ['Number', found.id],
    ].filter(([, value]) => value);
    return h('dl.facts', null, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

function detail(found, known) {
    const title = found.title ?? found.id;
    buttons = opinionButtons(found.id, title, opinion(known, found.id));
    const person = personOf();
    return h('div.product-head', null,
        photo(found.id, { width: 420, alt: title, eager: true, present: found.photo }),
        h('div.product-text', null,
            h('p.brand', null, found.brand ?? '\u00a0'),
            h('h2', { id: 'product-title', tabindex: '-1' }, title),
            h('p.product-cost', null, h('span.price', null, price(found.price)),
                found.new && h('span.tag', null, 'new'), found.available === false && h('span.tag.gone', null, 'sold out')),
            h('div.product-actions', null, buttons.element,
                h('a.text-link', { href: link('map', { ...personParams(person), focus: found.id }) }, 'Show on the map')),
            found.description && h('p.description', null, found.description), particulars(found)));
}

async function fill(id) {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    body.setAttribute('aria-busy', 'true');
    try {
        const [found, known] = await Promise.all([freshProduct(id, signal), profile(personOf())]);
        if (signal.aborted) return;
        const taste = strip('Like it by taste', 'What suits the same people.', { level: 'h3', keep: true });
        const look = strip('Like it by look', 'What resembles it.', { level: 'h3', keep: true });
        body.replaceChildren(detail(found, known), taste.element, look.element);
        dialog.removeAttribute('aria-label');
        dialog.setAttribute('aria-labelledby', 'product-title');
        dialog.scrollTop = 0;
        body.querySelector('h2').focus();
        const alike = (by) => async () => (await api.similar(id, { by, n: ALIKE }, signal)).items;
        taste.load(alike('taste'));
        look.load(alike('look'));
    } catch (error) {
        if (error.name === 'AbortError' || signal.aborted) return;
        body.replaceChildren(problem(error, () => fill(id)));
    }
    body.removeAttribute('aria-busy');
}

opinions.addEventListener('feedback', ({ detail: { product, opinion: next } }) => {
    if (dialog?.dataset.product === product) buttons?.mark(next);
});

/** Opens the product, or closes the dialog for none. */
export function showProduct(id) {
    if (!id) {
        close();
        return;
    }
    if (dialog?.dataset.product === id) return;
    if (!dialog) open();
    dialog.dataset.product = id;
    fill(id);
}
