// The door of the shop: who is shopping today?

import { api } from './api.js';
import { h, icon } from './dom.js';
import { plural } from './format.js';
import { photo } from './photo.js';
import { shopperPicker } from './picker.js';
import { note } from './products.js';
import { go, link } from './router.js';
import { empty, problem } from './status.js';
import { strip } from './strip.js';

const OFFERED = 6;
const LOOKED_AT = 100; // of these, the ones who bought most are offered

/** A shopper with the newest four of their purchases. */
function shopperCard({ id, products }) {
    const photos = h('span.shopper-photos', { 'aria-hidden': 'true' });
    photos.append(...Array.from({ length: 4 }, () => h('span.photo')));
    api.user(id).then((known) => {
        const newest = [...new Set(known.history.map((entry) => entry.product))].slice(0, 4);
        photos.replaceChildren(...newest.map((product) => photo(product, { width: 120, eager: true })));
    }, () => {});
    return h('li', null, h('a.shopper', { href: link('shop', { user: id }) }, photos,
        h('span.shopper-name', null, id), h('span.shopper-note', null, plural(products, 'purchase'))));
}

export function mountHome(root) {
    const abort = new AbortController();
    const picker = shopperPicker((user) => go('shop', { user }));
    const shoppers = h('ul.shoppers', { 'aria-label': 'Some shoppers' },
        Array.from({ length: OFFERED }, () => h('li.skeleton', { 'aria-hidden': 'true' }, h('span.shopper'))));
    const status = h('div.status');
    const fresh = strip('New in', 'Nobody has bought these yet. Lookbook places them by their looks.');
    const selling = strip('What sells', 'Bought by the most people.');

    root.append(h('div.home', null,
        h('section.hero', null,
            h('h1', { tabindex: '-1' }, 'Who is shopping today?'),
            h('p.lede', null, 'Pick a shopper, and see what suits them: by what they bought, and by how it looks.'),
            picker.element,
            h('p.hero-links', null,
                h('a.text-link', { href: link('shop') }, 'Just looking'),
                h('a.text-link', { href: link('photo') }, icon('camera'), 'Search with a photo'))),
        status, shoppers, fresh.element, selling.element));

    async function offer() {
        try {
            const found = await api.users({ n: LOOKED_AT }, abort.signal);
            const users = found.users.sort((a, b) => b.products - a.products).slice(0, OFFERED);
            shoppers.replaceChildren(...users.map(shopperCard));
            status.replaceChildren(...(users.length ? [] : [empty('No shoppers yet', 'They appear with their first purchase or like.')]));
        } catch (error) {
            if (error.name === 'AbortError') return;
            shoppers.replaceChildren();
            status.replaceChildren(problem(error, fill));
        }
    }

    function fill() {
        status.replaceChildren();
        offer();
        fresh.load(async () => {
            const { products } = await api.products({ new: true, available: true, n: 12 }, abort.signal);
            note(products);
            return products;
        });
        selling.load(async () => (await api.recommend({ n: 12 }, abort.signal)).items);
    }
    fill();

    return { title: () => 'Who is shopping?', update() {}, destroy: () => abort.abort() };
}
