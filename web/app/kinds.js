// Picks a kind of product by walking down the categories: All > Women > Shoes > Heels.

import { h, icon } from './dom.js';
import { count, kindPath } from './format.js';

const CHIPS = 14;
const SEPARATOR = ' > ';

/** The categories below a path with the products of each, the largest first. */
export function below(categories, path) {
    const found = new Map();
    for (const { name, products } of categories) {
        const steps = kindPath(name);
        if (steps.length <= path.length || path.some((step, i) => steps[i] !== step)) continue;
        const step = steps[path.length];
        found.set(step, (found.get(step) ?? 0) + products);
    }
    return [...found].map(([name, products]) => ({ name, products })).sort((a, b) => b.products - a.products);
}

/** The path that all categories have in common, which is no choice. */
export function root(categories) {
    const path = [];
    for (;;) {
        const next = below(categories, path);
        if (next.length !== 1) return path;
        // A shop of one category only: there is nothing to choose.
        if (!below(categories, [...path, next[0].name]).length) return path;
        path.push(next[0].name);
    }
}

/**
 * Chips for the kinds. `pick(category)` is called with a path, or "" for all. Returns the element
 * and `show(categories, category)`.
 */
export function kindPicker(pick) {
    const element = h('div.kinds', { role: 'group', 'aria-label': 'Kind' });

    const chip = (label, category, { pressed = false, symbol = null, products = null } = {}) => h('button.chip', {
        type: 'button',
        'aria-pressed': String(pressed),
        'data-category': category,
        onclick: () => pick(category),
    }, symbol && icon(symbol), label, products !== null && h('span.chip-count', null, count(products)));

    function rest(names, path, current) {
        const select = h('select', { 'aria-label': 'More kinds' }, h('option', { value: '' }, 'More…'),
            names.map(({ name }) => h('option', { value: [...path, name].join(SEPARATOR) }, name)));
        select.value = names.some(({ name }) => [...path, name].join(SEPARATOR) === current) ? current : '';
        select.addEventListener('change', () => select.value && pick(select.value));
        return select;
    }

    return {
        element,
        show(categories, category) {
            const held = element.contains(document.activeElement) ? document.activeElement.dataset.category : null;
            const base = root(categories);
            let path = kindPath(category);
            if (path.length <= base.length) path = base;
            // A kind without kinds below it is shown among its neighbours.
            const leaf = path.length > base.length && !below(categories, path).length;
            const parent = leaf ? path.slice(0, -1) : path;
            const choices = below(categories, parent);
            const deep = parent.length > base.length;
            const up = parent.length - 1 > base.length ? parent.slice(0, -1).join(SEPARATOR) : '';
            element.replaceChildren(
                deep ? chip('Back', up, { symbol: 'back' }) : chip('All', '', { pressed: path === base }),
                ...(deep ? [chip(`All of ${parent.at(-1)}`, parent.join(SEPARATOR), { pressed: !leaf })] : []),
                ...choices.slice(0, CHIPS).map(({ name, products }) => chip(name, [...parent, name].join(SEPARATOR),
                    { pressed: leaf && name === path.at(-1), products })),
                ...(choices.length > CHIPS ? [rest(choices.slice(CHIPS), parent, category)] : []));
            element.hidden = choices.length < 2 && !deep;
            if (held !== null) this.refocus(held);
        },
        refocus(category) {
            const chips = [...element.querySelectorAll('button')];
            (chips.find((c) => c.getAttribute('aria-pressed') === 'true') ??
                chips.find((c) => c.dataset.category === category) ?? chips[0])?.focus();
        },
    };
}
