// What the shop runs on: model, dataset, answers; and what can be done about it.

import { api } from './api.js';
import { sparkline } from './chart.js';
import { confirmed } from './dialog.js';
import { h } from './dom.js';
import { bytes, count, dateTime, duration, milliseconds, plural } from './format.js';
import { forgetProfile } from './person.js';
import { forget } from './products.js';
import { forgetExamples } from './request-box.js';
import { explain, problem } from './status.js';
import { say } from './toast.js';

const EVERY = 5000;
const KEPT = 60;

const known = (value) => value !== null && value !== undefined && value !== '';

/** A list of names and values; what is not known is left out. */
function facts(rows) {
    return h('dl.facts', null, rows.filter(([, value]) => known(value))
        .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, String(value)))));
}

function block(title, ...content) {
    return h('section.block', null, h('h2', null, title), ...content);
}

/** A number that matters, large. */
function figure(value, unit, note, chart) {
    return h('div.figure', null, h('p.figure-value', null, value, unit && h('span.figure-unit', null, ` ${unit}`)),
        h('p.figure-note', null, note), chart);
}

const part = (n, of) => (of > 0 && Number.isFinite(n) ? `${((100 * n) / of).toFixed(n === of ? 0 : 1)} %` : '–');
const number = (n) => (Number.isFinite(n) ? count(n) : null);

function figures(state, history) {
    const { requests, coverage, dataset } = state;
    return h('div.figures', null,
        figure((requests?.per_second ?? 0).toFixed(1), '/s', 'requests', sparkline(history.map((s) => s.requests?.per_second ?? 0))),
        figure(milliseconds(requests?.p95_ms).replace(' ms', ''), 'ms', '95 of 100 answers are faster', sparkline(history.map((s) => s.requests?.p95_ms ?? 0))),
        figure(part(coverage?.products_recommendable, dataset?.products), '', `of the catalogue can be recommended`),
        figure(number(requests?.errors) ?? '–', '', `errors in ${plural(requests?.total ?? 0, 'request')}`));
}

function blocks(state) {
    const { model = {}, dataset = {}, changes = {}, requests = {}, coverage = {} } = state;
    return h('div.blocks', null,
        block('Model', facts([['Name', model.name], ['Trained on', model.trained_on],
            ['Features', String(model.features ?? '').split(',').join(', ')], ['Seed', model.seed],
            ['Loaded', dateTime(model.loaded_at)], ['Previous model', model.previous ? 'kept' : 'none']])),
        block('Dataset', facts([['Name', dataset.directory], ['Products', number(dataset.products)], ['Available', number(dataset.available)],
            ['New', number(dataset.new)], ['With photos', number(dataset.photos)], ['Shoppers', number(dataset.users)], ['Purchases', number(dataset.interactions)],
            ['Recommendable', number(coverage.products_recommendable)]])),
        block('Changes while serving', facts([['Products added', number(changes.products_added)], ['Feedback', number(changes.feedback)],
            ['Last feedback', dateTime(changes.last_feedback_at)], ['Shoppers erased', number(changes.users_removed)]])),
        block('Answers', facts([['Half within', milliseconds(requests.p50_ms)], ['95 % within', milliseconds(requests.p95_ms)], ['99 % within', milliseconds(requests.p99_ms)],
            ['Running for', duration(state.uptime_s ?? 0)], ['Memory', Number.isFinite(state.memory_bytes) ? bytes(state.memory_bytes) : null], ['Version', state.version], ['Kernels', state.isa]])));
}

const actions = {
    reload: ['Reload', 'Take in the model anew?', 'The model file and what was imported are read again. Requests go on meanwhile; the model in use is kept for rolling back.', 'Reload', () => 'The model has been reloaded.'],
    rollback: ['Roll back', 'Back to the model before?', 'The model that was in use before the last reload takes over.', 'Roll back', () => 'The model before is in use again.'],
    backup: ['Back up', 'Make a backup?', 'A consistent copy of dataset and model is written beside the dataset. Requests go on meanwhile.', 'Back up',
        (answer) => `Backup ${answer.backup} is written${Number.isFinite(answer.bytes) ? `: ${bytes(answer.bytes)}` : ''}.`],
};

export function mountOperations(root) {
    const title = h('h1', { tabindex: '-1', id: 'operations-title' }, 'Operations');
    const subtitle = h('p.subtitle', null, '\u00a0');
    const status = h('div.status');
    const content = h('div.operations');
    const history = [];
    const buttons = Object.entries(actions).map(([name, [label]]) => h('button', { type: 'button', 'data-action': name, onclick: () => act(name) }, label));
    root.append(h('section', { 'aria-labelledby': 'operations-title' },
        h('div.operations-head', null, h('header.view-head', null, title, subtitle), h('div.buttons', { role: 'group', 'aria-label': 'Actions' }, buttons)), status, content));

    let running = new AbortController();
    let timer = 0;

    async function refresh() {
        clearTimeout(timer);
        running.abort();
        running = new AbortController();
        const { signal } = running;
        try {
            const state = await api.state(signal);
            if (signal.aborted) return;
            history.push(state);
            if (history.length > KEPT) history.shift();
            status.replaceChildren();
            content.replaceChildren(figures(state, history), blocks(state));
            content.classList.remove('stale');
            subtitle.textContent = `As of ${new Date().toLocaleTimeString('en-GB')}; looks again every ${EVERY / 1000} seconds.`;
            buttons.find((b) => b.dataset.action === 'rollback').disabled = state.model?.previous === false;
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            content.classList.add('stale');
            // Shown once; while the shop stays away, the page goes on asking.
            if (!status.childElementCount) status.replaceChildren(problem(error, refresh));
            if (error.status === 401 || error.status === 403) return;
        }
        timer = setTimeout(() => (document.hidden ? wake() : refresh()), EVERY);
    }

    /** A page nobody looks at does not ask. */
    function wake() {
        document.addEventListener('visibilitychange', refresh, { once: true, signal: running.signal });
    }

    async function act(name) {
        const [, question, explanation, label, told] = actions[name];
        if (!(await confirmed(question, explanation, label))) return;
        buttons.forEach((b) => b.setAttribute('aria-disabled', 'true'));
        say('Working on it…');
        try {
            const answer = await api.admin(name);
            forget();
            forgetProfile();
            forgetExamples();
            say(told(answer));
            refresh();
        } catch (error) {
            const { headline, advice } = explain(error);
            say(error.status === 403 ? 'This needs the admin key.' : `${headline}. ${advice}`);
        }
        buttons.forEach((b) => b.removeAttribute('aria-disabled'));
    }

    refresh();
    return {
        title: () => 'Operations',
        update() {},
        destroy() {
            clearTimeout(timer);
            running.abort();
        },
    };
}
