// A row of products to leaf through sideways.

import { h } from './dom.js';
import { price } from './format.js';
import { photo } from './photo.js';
import { productLink } from './router.js';
import { explain } from './status.js';

function tile(item) {
    const title = item.title ?? item.id;
    const cost = h('span.price', null, price(item.price));
    const open = h('a.tile', { href: productLink(item.id), 'data-product': item.id },
        h('span.tile-photo', null, photo(item.id, { width: 180, present: item.photo !== false }),
            item.new && h('span.tag', null, 'new')),
        h('span.tile-title', null, title), cost);
    open.addEventListener('click', () => open.setAttribute('href', productLink(item.id)));
    return h('li', null, open);
}

/** A row with a heading. `load(find)` fills it with what `find` resolves to; empty rows vanish. */
export function strip(title, hint, { level = 'h2', keep = false } = {}) {
    // A row that can be scrolled must be reachable by keyboard; its links are.
    const list = h('ul.strip', { 'aria-label': title });
    const element = h('section.strip-section', null,
        h('header.strip-head', null, h(level, null, title), hint && h('p', null, hint)), list);
    let turn = 0;

    return {
        element,
        async load(find) {
            const mine = ++turn;
            list.setAttribute('aria-busy', 'true');
            list.replaceChildren(...Array.from({ length: 6 }, () => h('li.skeleton', { 'aria-hidden': 'true' },
                h('span.tile', null, h('span.photo'), h('span.bone'), h('span.bone.half')))));
            try {
                const items = await find();
                if (mine !== turn) return;
                list.replaceChildren(...items.map(tile));
                list.scrollLeft = 0;
                element.hidden = !items.length && !keep;
                if (!items.length && keep) list.replaceChildren(h('li.strip-empty', null, 'Nothing to show here.'));
            } catch (error) {
                if (mine !== turn || error.name === 'AbortError') return;
                list.replaceChildren(h('li.strip-empty', null, explain(error).headline));
                element.hidden = !keep;
                if (keep && error.status === 404) list.firstElementChild.textContent = 'There is nothing to compare it by.';
            }
            list.removeAttribute('aria-busy');
        },
    };
}
