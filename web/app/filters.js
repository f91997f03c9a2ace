// What a person may ask of a list: kind, price, variety, places for new products, nothing twice.

import { debounce, h } from './dom.js';
import { kindPicker } from './kinds.js';
import { categories } from './products.js';
import { change } from './router.js';

/** Filters as they stand in the address. */
export function filtersOf({ params }) {
    const number = (text) => (text !== undefined && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null);
    const price = (text) => { const value = number(text); return value !== null && value >= 0 ? value : null; };
    const diversity = number(params.variety);
    return {
        category: params.kind || null,
        min: price(params.from),
        max: price(params.to),
        diversity: diversity === null ? 0 : Math.min(Math.max(diversity, 0), 1),
        news: params.new === '1',
        hideBought: params.bought !== '1',
    };
}

/** The limits as the server takes them, also while the upper one is still being typed. */
export function priceLimits({ min, max }) {
    const crossed = min !== null && max !== null && min > max;
    return { price_min: (crossed ? max : min) ?? undefined, price_max: (crossed ? min : max) ?? undefined };
}

const set = (params) => change({ ...params, product: '' }, { replace: true });

/** A switch that stands in the address. */
export function toggle(label, hint, act) {
    const input = h('input', { type: 'checkbox', role: 'switch', onchange: () => act(input.checked) });
    const element = h('label.switch', hint ? { title: hint } : null, input, h('span.switch-track', { 'aria-hidden': 'true' }), h('span', null, label));
    return { element, show: (on) => { input.checked = on; } };
}

function priceFields() {
    const apply = debounce(() => set({ from: from.value, to: to.value }), 350);
    const field = (label) => h('input', { type: 'number', min: '0', step: 'any', inputmode: 'decimal',
        'aria-label': label, placeholder: label.split(' ')[1], oninput: apply });
    const from = field('Price from');
    const to = field('Price to');
    const element = h('div.field.prices', { role: 'group', 'aria-label': 'Price' },
        h('span.field-label', { 'aria-hidden': 'true' }, 'Price'), from, h('span', { 'aria-hidden': 'true' }, '–'), to);
    // What is being typed is left alone.
    const put = (input, value) => { if (document.activeElement !== input) input.value = value ?? ''; };
    return { element, show: ({ min, max }) => { put(from, min); put(to, max); } };
}

function varietySlider() {
    const apply = debounce(() => set({ variety: slider.value === '0' ? '' : slider.value }), 150);
    const slider = h('input', { type: 'range', min: '0', max: '1', step: '0.1', id: 'variety', oninput: () => {
        tell();
        apply();
    } });
    const tell = () => {
        const share = Number(slider.value);
        slider.setAttribute('aria-valuetext', share === 0 ? 'closest to taste' : `${Math.round(share * 100)} % variety`);
    };
    const element = h('div.field.variety', null, h('label.field-label', { for: 'variety' }, 'Variety'), slider);
    return {
        element,
        show({ diversity }) {
            if (document.activeElement !== slider) slider.value = String(diversity);
            tell();
        },
    };
}

/** All filters; `show(route)` brings them to what the address says. */
export function filterBar() {
    const kinds = kindPicker((kind) => set({ kind }));
    const prices = priceFields();
    const variety = varietySlider();
    const news = toggle('Room for new', 'Keeps a quarter of the places for products that nobody has bought yet',
        (on) => set({ new: on ? '1' : '' }));
    const bought = toggle('Hide bought', 'Leaves out what this shopper bought or likes',
        (on) => set({ bought: on ? '' : '1' }));
    const reset = h('button.quiet', { type: 'button', onclick: () => {
        set({ kind: '', from: '', to: '', variety: '', new: '', bought: '' });
        element.querySelector('.chip')?.focus();
    } }, 'Clear');

    const more = h('details.refine', null, h('summary', null, 'Refine'),
        h('div.refine-fields', null, prices.element, variety.element, news.element, bought.element, reset));
    const wide = matchMedia('(min-width: 760px)');
    const open = () => { more.open = wide.matches; };
    open();
    wide.addEventListener('change', open);
    const element = h('div.filters', null, kinds.element, more);

    return {
        element,
        show(route) {
            const filters = filtersOf(route);
            categories().then((all) => kinds.show(all, filters.category), () => { kinds.element.hidden = true; });
            prices.show(filters);
            variety.show(filters);
            news.show(filters.news);
            bought.show(filters.hideBought);
            const { kind, from, to, variety: chosen, new: fresh, bought: again } = route.params;
            reset.hidden = ![kind, from, to, chosen, fresh, again].some(Boolean);
        },
        destroy: () => wide.removeEventListener('change', open),
    };
}
