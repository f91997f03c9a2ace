// The side of the shop window that shows who is shopping: purchases, likes, and what is not for them.

import { h, icon } from './dom.js';
import { date, plural } from './format.js';
import { react } from './feedback.js';
import { photo } from './photo.js';
import { product } from './products.js';
import { productLink } from './router.js';

const FIRST = 12;

/** A small photo that opens its product. */
function thumbnail(id, title, note) {
    const open = h('a.thumb', { href: productLink(id), title: note ? `${title}, ${note}` : title, 'data-product': id },
        photo(id, { width: 96, alt: title }));
    // The filters in the address may have changed since.
    open.addEventListener('click', () => open.setAttribute('href', productLink(id)));
    return open;
}

/** A mosaic of products that grows on demand. Entries: {id, title, note, action}. */
function mosaic(entries, label) {
    const list = h('ul.mosaic', { 'aria-label': label });
    const entry = ({ id, title, note, action }) => h('li', null, thumbnail(id, title, note), action);
    list.append(...entries.slice(0, FIRST).map(entry));
    if (entries.length <= FIRST) return [list];
    const more = h('button.quiet', { type: 'button', onclick: () => {
        const rest = entries.slice(FIRST).map(entry);
        list.append(...rest);
        more.remove();
        rest[0].querySelector('a').focus();
    } }, `Show all ${entries.length}`);
    return [list, more];
}

function section(title, n, content) {
    return h('section.panel-section', null,
        h('h2', null, title, h('span.count', null, String(n))), content);
}

/** Likes come as ids; their titles follow. */
async function named(ids) {
    const found = await Promise.all(ids.slice(0, 60).map((id) => product(id).catch(() => ({ id }))));
    return found.map(({ id, title }) => ({ id, title: title ?? id }));
}

function takeBack({ id, title }, what) {
    return h('button.take-back', { type: 'button', 'aria-label': `Take back the ${what} of ${title}`,
        title: 'Take back', onclick: () => react(id, title, 'withdrawn') }, icon('cross'));
}

function opinionSection(title, what, list) {
    if (!list.length) return null;
    return section(title, list.length, mosaic(list.map((item) => ({ ...item, action: takeBack(item, what) })), title));
}

/** The panel; `show(profile)` fills it. */
export function shopperPanel() {
    const body = h('div.panel-body');
    const element = h('aside.panel', { 'aria-label': 'Shopper' }, body);
    let turn = 0;

    return {
        element,
        async show(known) {
            const mine = ++turn;
            const [liked, disliked] = await Promise.all([named(known.liked), named(known.disliked)]);
            if (mine !== turn) return;
            const held = body.contains(document.activeElement);
            const seen = new Set();
            const bought = known.history.filter((entry) => !seen.has(entry.product) && seen.add(entry.product))
                .map((entry) => ({ id: entry.product, title: entry.title ?? entry.product,
                    note: entry.time > 0 ? `bought on ${date(entry.time)}` : 'bought' }));
            const nothing = !bought.length && !liked.length && !disliked.length;
            body.replaceChildren(...[
                opinionSection('Likes', 'like', liked),
                bought.length && section('Bought', bought.length, mosaic(bought, 'Bought, newest first')),
                opinionSection('Not for them', 'dislike', disliked),
                nothing && h('p.hint', null, 'Press the heart of what you like, and the cross of what you do not: the list follows at once.'),
            ].filter(Boolean));
            if (held) document.querySelector('main h1')?.focus();
        },
    };
}

/** "87 purchases, 3 likes". */
export function summary(known) {
    const parts = [[known.history.length, 'purchase'], [known.liked.length, 'like'], [known.disliked.length, 'dislike']]
        .filter(([n]) => n > 0).map(([n, word]) => plural(n, word));
    return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts.join('');
}
