// The shop window: who is shopping on one side, what Lookbook chose for them on the other.

import { api } from './api.js';
import { h } from './dom.js';
import { filterBar, filtersOf, priceLimits } from './filters.js';
import { opinions } from './feedback.js';
import { plural, short } from './format.js';
import { grid } from './grid.js';
import { gather } from './lists.js';
import { askedBy, opinion, personName, personOf, profile } from './person.js';
import { askedFor, requestBox } from './request-box.js';
import { change } from './router.js';
import { shopperPanel, summary } from './shopper-panel.js';
import { empty, problem } from './status.js';
import { announce } from './toast.js';

const PAGE = 24;
const NEW_SHARE = 0.25;
const MOST = 240;

/** What the list rests on, in words. */
function basis(basedOn, known, asked) {
    const what = summary(known);
    if (basedOn === 'text') return `What comes nearest to “${short(asked, 80)}”.`;
    if (asked && basedOn !== 'popular') return `For “${short(asked, 80)}”, from ${what || 'what is known of them'}.`;
    if (basedOn === 'popular') {
        return what ? `Nothing can be told from ${what} yet: this is what sells most.`
            : 'Nothing is known of this shopper yet: this is what sells most.';
    }
    return what ? `From ${what}.` : 'From what is known of them.';
}

export function mountShop(root) {
    const title = h('h1', { tabindex: '-1' });
    const subtitle = h('p.subtitle');
    const box = requestBox();
    const filters = filterBar();
    const list = grid('Recommendations');
    const status = h('div.status');
    const more = h('button.more', { type: 'button', hidden: true, onclick: () => load(shown + PAGE, true) }, 'Show more');
    const panel = shopperPanel();
    root.append(h('div.window', null, h('header.view-head', null, title, subtitle), panel.element,
        h('section.chosen', { 'aria-label': 'Recommendations' },
            box.element, filters.element, status, list.element, h('div.more-row', null, more))));

    let route = null;
    let running = null;
    let shown = PAGE;
    let known = null;

    /** What is asked of the server, but for the page. */
    function question(n) {
        const { category, min, max, diversity, news, hideBought } = filtersOf(route);
        return { ...askedBy(personOf(route)), category: category ?? undefined,
            ...priceLimits({ min, max }), diversity,
            text: askedFor(route), exclude_seen: hideBought, explain: true, new: news ? Math.round(n * NEW_SHARE) : 0 };
    }

    async function load(wanted, grown = false) {
        running?.abort();
        running = new AbortController();
        const { signal } = running;
        const person = personOf(route);
        list.wait(PAGE / 2);
        try {
            const ask = ({ n, offset }) => api.recommend({ ...question(n), n, offset }, signal);
            const [profiled, found] = await Promise.all([profile(person), gather(ask, wanted, 0)]);
            if (signal.aborted) return;
            known = profiled;
            display(person, found, wanted, grown);
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            list.settle();
            status.replaceChildren(problem(error, () => load(wanted)));
            more.hidden = true;
        }
    }

    function display(person, { items, basedOn, next }, wanted, grown) {
        const before = grown ? list.element.lastElementChild : null;
        const bought = new Set(known.history.map((entry) => entry.product));
        shown = wanted;
        status.replaceChildren(...(items.length ? [] : [nothing()]));
        list.show(items, { bought, opinionOf: (id) => opinion(known, id) });
        more.hidden = next === null || wanted >= MOST;
        subtitle.textContent = basis(basedOn, known, askedFor(route));
        if (known.stranger && basedOn !== 'text') {
            subtitle.textContent = `Nobody called ${person.user} has been here. They will be known from their first like; until then, this is what sells most.`;
        }
        panel.show(known);
        announce(`${plural(items.length, 'product')} chosen`);
        if (grown) before?.nextElementSibling?.querySelector('a')?.focus();
    }

    function nothing() {
        const clear = h('button', { type: 'button', onclick: () => change({ kind: '', from: '', to: '' }, { replace: true }) }, 'Show all kinds and prices');
        return empty('Nothing like that here', 'No product fits these filters.', clear);
    }

    const onFeedback = ({ detail }) => {
        list.mark(detail.product, detail.opinion);
        // Somebody who is just looking has their likes in the address, which has loaded them.
        if (personOf(route).user) load(shown);
    };
    opinions.addEventListener('feedback', onFeedback);

    return {
        title: (now) => (personOf(now).user ? `Chosen for ${personOf(now).user}` : 'Just looking'),
        update(next) {
            const other = !route || personName(personOf(route)) !== personName(personOf(next));
            route = next;
            const person = personOf(route);
            title.textContent = person.user ? `Chosen for ${person.user}` : 'Just looking';
            if (other) {
                list.clear();
                subtitle.textContent = '\u00a0';
            }
            box.show(route);
            filters.show(route);
            load(other ? PAGE : shown);
        },
        destroy() {
            running?.abort();
            box.destroy();
            filters.destroy();
            opinions.removeEventListener('feedback', onFeedback);
        },
    };
}
