// The whole catalogue, by name and kind.

import { api } from './api.js';
import { debounce, h, icon } from './dom.js';
import { opinions } from './feedback.js';
import { toggle } from './filters.js';
import { count, plural } from './format.js';
import { grid } from './grid.js';
import { kindPicker } from './kinds.js';
import { opinion, personOf, profile } from './person.js';
import { categories, note } from './products.js';
import { change } from './router.js';
import { empty, problem } from './status.js';
import { announce } from './toast.js';

const PAGE = 36;

export function mountCatalogue(root) {
    const set = (params) => change({ ...params, product: '' }, { replace: true });
    const search = h('input', { type: 'search', id: 'catalogue-search', placeholder: 'Search by title or number', spellcheck: 'false' });
    search.addEventListener('input', debounce(() => set({ search: search.value.trim() }), 200));
    const kinds = kindPicker((kind) => set({ kind }));
    const fresh = toggle('New only', 'Only products that nobody has bought yet', (on) => set({ fresh: on ? '1' : '' }));
    const subtitle = h('p.subtitle', null, '\u00a0');
    const list = grid('Products');
    const status = h('div.status');
    const more = h('button.more', { type: 'button', hidden: true, onclick: () => load(true) }, 'Show more');
    root.append(h('section.chosen.catalogue', { 'aria-labelledby': 'catalogue-title' },
        h('header.view-head', null, h('h1', { tabindex: '-1', id: 'catalogue-title' }, 'Everything in the shop'), subtitle),
        h('form.search-field', { role: 'search', onsubmit: (event) => event.preventDefault() },
            h('label.unseen', { for: 'catalogue-search' }, 'Search products'), icon('search'), search),
        h('div.filters', null, kinds.element, fresh.element), status, list.element, h('div.more-row', null, more)));

    let route = null;
    let running = null;
    let items = [];
    let next = 0;

    async function load(grow = false) {
        running?.abort();
        running = new AbortController();
        const { signal } = running;
        const last = grow ? list.element.lastElementChild : null;
        list.wait(PAGE / 3);
        try {
            const { search: text, kind, fresh: onlyNew } = route.params;
            const question = { search: text, category: kind, new: onlyNew === '1', offset: grow ? next : 0, n: PAGE };
            const [answer, known] = await Promise.all([api.products(question, signal), profile(personOf(route))]);
            if (signal.aborted) return;
            note(answer.products);
            items = grow ? [...items, ...answer.products] : answer.products;
            next = answer.next;
            more.hidden = next === null || next === undefined;
            subtitle.textContent = plural(answer.total, 'product');
            status.replaceChildren(...(items.length ? [] : [empty('Nothing by that name', 'Try fewer letters, or another kind.')]));
            list.show(items, { bought: new Set(), opinionOf: (id) => opinion(known, id) });
            announce(grow ? `${count(items.length)} of ${plural(answer.total, 'product')}` : plural(answer.total, 'product'));
            last?.nextElementSibling?.querySelector('a')?.focus();
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            list.settle();
            status.replaceChildren(problem(error, () => load(grow)));
        }
    }

    const onFeedback = ({ detail }) => list.mark(detail.product, detail.opinion);
    opinions.addEventListener('feedback', onFeedback);

    let asked = null;
    return {
        title: () => 'Everything in the shop',
        update(now) {
            route = now;
            const { search: text = '', kind = '', fresh: onlyNew = '' } = route.params;
            if (document.activeElement !== search) search.value = text;
            fresh.show(onlyNew === '1');
            categories().then((all) => kinds.show(all, kind), () => { kinds.element.hidden = true; });
            // Likes of somebody who is just looking change the address and not the list.
            const question = JSON.stringify([text, kind, onlyNew, personOf(route).user]);
            if (question !== asked) load();
            asked = question;
        },
        destroy() {
            running?.abort();
            opinions.removeEventListener('feedback', onFeedback);
        },
    };
}
