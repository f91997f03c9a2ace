// A product in a list: photo, brand, title, price, why it is there, and what the person thinks of it.

import { h, icon } from './dom.js';
import { kindPath, price } from './format.js';
import { react } from './feedback.js';
import { photo } from './photo.js';
import { reasonLine } from './reasons.js';
import { productLink } from './router.js';

/** The two buttons of an opinion. Pressed again, each takes itself back. */
export function opinionButtons(id, title, opinion) {
    let current = opinion;
    const button = (kind, name, label) => h('button.opinion', {
        type: 'button',
        class: `opinion-${kind}`,
        'aria-label': `${label}: ${title}`,
        title: label,
        onclick: () => react(id, title, current === kind ? 'withdrawn' : kind),
    }, icon(name));
    const like = button('liked', 'heart', 'Like');
    const dislike = button('disliked', 'cross', 'Not for me');
    const mark = (next) => {
        current = next;
        like.setAttribute('aria-pressed', String(next === 'liked'));
        dislike.setAttribute('aria-pressed', String(next === 'disliked'));
    };
    mark(opinion);
    return { element: h('span.opinions', null, like, dislike), mark };
}

/** What stands over the title: the brand, or, where the title says that already, the kind. */
function lineOf({ brand, title, category }) {
    if (brand && !title?.toLowerCase().includes(brand.toLowerCase())) return brand;
    return kindPath(category).at(-1) ?? brand ?? '';
}

/**
 * A card. `item` is an item of a list or a product of the catalogue. options: {bought: a set of ids,
 * opinionOf(id), eager: photos at once}.
 */
export function card(item, options) {
    const title = item.title ?? item.id;
    const brand = h('span.brand', null, lineOf(item));
    const cost = h('span.price', null, price(item.price));
    const why = h('div.why');
    const mind = opinionButtons(item.id, title, options.opinionOf(item.id));
    // The address of the link depends on the filters at the moment of the click.
    const name = h('a.card-title', { href: productLink(item.id), 'data-product': item.id }, title);
    const refresh = () => name.setAttribute('href', productLink(item.id));
    name.addEventListener('click', refresh);
    name.addEventListener('pointerenter', refresh);

    const element = h('li.card', { 'data-id': item.id },
        h('div.card-photo', null,
            photo(item.id, { width: 240, eager: options.eager, present: item.photo !== false }),
            item.new && h('span.tag', null, 'new'),
            item.available === false && h('span.tag.gone', null, 'sold out'), mind.element),
        h('p.card-line', null, brand, cost), name, why);

    const shown = {
        element,
        mark: mind.mark,
        focus: () => name.focus(),
        update(next, { bought, opinionOf }) {
            mind.mark(opinionOf(next.id));
            why.replaceChildren(...(next.reason ? [reasonLine(next.reason, bought)] : []));
        },
    };
    shown.update(item, options);
    return shown;
}
