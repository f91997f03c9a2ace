// What stands in a view that is loading, empty or in trouble.

import { askForKey } from './api.js';
import { h } from './dom.js';

// What a person can do about each failure; the rest is said in the server's own sentence.
const said = {
    unreachable: ['The shop does not answer', 'Perhaps its server has stopped, or this device is offline.'],
    unauthorised: ['This shop asks for a key', 'Whoever runs it can give you one.'],
    forbidden: ['Not with this key', 'What you asked for needs a key with more rights.'],
    busy: ['The shop is busy', 'It is working on other photos at the moment. A few seconds will help.'],
    timeout: ['That took too long', 'The shop gave up waiting. Try it again.'],
    bad_image: ['This photo cannot be read', 'JPEG, PNG and WebP pictures work; this one is damaged or of another kind.'],
    unsupported_media: ['This photo cannot be read', 'JPEG, PNG and WebP pictures work.'],
    too_large: ['This photo is too large', 'A smaller one does as well: a thousand pixels are plenty.'],
    no_space: ['The shop cannot write', 'The disk of its server is full.'],
};

/** Two sentences about an error. */
export function explain(error) {
    const [headline, advice] = said[error.code] ?? ['That did not work', sentence(error.message)];
    return { headline, advice };
}

function sentence(text) {
    const trimmed = String(text ?? '').trim();
    if (!trimmed) return 'The shop gave no reason.';
    return trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? '' : '.');
}

/** A failure with a way on. `retry` is called by its button. */
export function problem(error, retry) {
    const { headline, advice } = explain(error);
    const needsKey = error.status === 401 || error.status === 403;
    const act = async () => {
        if (!needsKey || await askForKey(error.status === 403 ? 'weak' : 'missing')) retry();
    };
    return h('div.notice', { role: 'alert' },
        h('p.notice-title', null, headline), h('p', null, advice),
        retry && h('button', { type: 'button', onclick: act }, needsKey ? 'Enter a key' : 'Try again'));
}

/** Nothing there, and what to do about it. */
export function empty(headline, advice, ...actions) {
    return h('div.notice', null, h('p.notice-title', null, headline), advice && h('p', null, advice), ...actions);
}

/** Places that products will take. */
export function skeletons(n) {
    return Array.from({ length: n }, () => h('li.card.skeleton', { 'aria-hidden': 'true' },
        h('span.photo'), h('span.bone'), h('span.bone.half')));
}
