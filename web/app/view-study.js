// The study of relevance: two lists for one request, side by side and unnamed; which is better?

import { api } from './api.js';
import { h } from './dom.js';
import { photo } from './photo.js';
import { empty, problem } from './status.js';
import { announce } from './toast.js';

const choices = { left: 'The left list', same: 'No difference', right: 'The right list' };

function listed(label, items) {
    return h('section.study-list', { 'aria-label': label }, h('h2', null, label),
        h('ol', null, items.map((item) => h('li', null,
            photo(item.id, { width: 160, present: item.photo }), h('span', null, item.title ?? item.id)))));
}

/** The newest purchases of the shopper, to judge by. */
function purchases(known) {
    const newest = [...new Map(known.history.map((entry) => [entry.product, entry.title])).entries()].slice(0, 6);
    return h('ul.study-bought', { 'aria-label': 'Bought before' },
        newest.map(([id, title]) => h('li', null, photo(id, { width: 80, alt: title ?? id }))));
}

/** "Of 12 votes 8 prefer one: 63 % the personal list (31 to 86 %); 4 see no difference." */
export function told({ votes, personal, other, same, share, interval }) {
    const percent = (x) => Math.round(100 * x);
    if (!votes) return 'Nobody has voted yet.';
    if (share === null) return `${votes} votes, and none prefers a list.`;
    return `Of ${personal + other} votes that prefer a list, ${percent(share)} % are for the one made for the shopper `
        + `(95 % interval by Wilson: ${percent(interval[0])} to ${percent(interval[1])} %); ${same} see no difference.`;
}

export function mountStudy(root) {
    const abort = new AbortController();
    const status = h('div.status');
    const body = h('div.study');
    const results = h('p.subtitle', { id: 'study-results' }, '\u00a0');
    const reviewer = h('input', { type: 'text', id: 'reviewer', maxlength: 80, autocomplete: 'off' });
    root.append(h('section', { 'aria-labelledby': 'study-title' },
        h('header.view-head', null, h('h1', { tabindex: '-1', id: 'study-title' }, 'Which list is better?'),
            h('p.subtitle', null, 'One list was made for this shopper, the other for nobody in particular. Which is which is drawn anew each time.'), results),
        h('p.study-reviewer', null, h('label', { for: 'reviewer' }, 'Your name, if you like'), reviewer),
        status, body));

    async function vote(pair, choice) {
        body.querySelectorAll('button').forEach((button) => { button.disabled = true; });
        try {
            await api.studyVote({ pair, vote: choice, reviewer: reviewer.value.trim() });
            announce('The vote is stored');
            load(true);
        } catch (error) {
            if (error.name !== 'AbortError') status.replaceChildren(problem(error, () => load(true)));
        }
    }

    function show({ pair, user, text, left, right }, known) {
        const asked = h('h2.study-asked', { tabindex: '-1' }, `“${text}”`);
        body.replaceChildren(asked, h('p.hint', null, `asked by ${user}, who bought`), purchases(known),
            h('div.study-pair', null, listed('Left', left), listed('Right', right)),
            h('div.buttons.study-votes', { role: 'group', 'aria-label': 'Your vote' }, Object.entries(choices)
                .map(([choice, label]) => h('button', { type: 'button', 'data-vote': choice, onclick: () => vote(pair, choice) }, label))));
        return asked;
    }

    async function load(voted = false) {
        status.replaceChildren();
        try {
            const [pair, counted] = await Promise.all([api.studyPair(abort.signal), api.studyResults(abort.signal)]);
            const known = await api.user(pair.user, abort.signal);
            results.textContent = told(counted);
            const asked = show(pair, known);
            if (voted) asked.focus();
        } catch (error) {
            if (error.name === 'AbortError') return;
            body.replaceChildren();
            status.replaceChildren(error.status === 404
                ? empty('No study is going on', 'The server was started without it: lookbook serve --study.') : problem(error, load));
        }
    }
    load();

    return { title: () => 'Which list is better?', update() {}, destroy: () => abort.abort() };
}
