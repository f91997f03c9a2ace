// First, last, invert, play: what stays in a list glides to its new place, what is new fades in.

import { stillness } from './dom.js';

const DURATION = 420;
const EASING = 'cubic-bezier(.2, .7, .2, 1)';

/** Runs `change`, which moves, adds and removes children of `list`, and animates what it did. */
export function flip(list, change) {
    if (stillness.matches || !list.animate) {
        change();
        return;
    }
    const before = new Map([...list.children].map((child) => [child, child.getBoundingClientRect()]));
    change();
    let arrived = 0;
    for (const child of list.children) {
        const from = before.get(child);
        if (from) glide(child, from);
        else appear(child, Math.min(arrived++, 8) * 30);
    }
}

function glide(child, from) {
    const to = child.getBoundingClientRect();
    const x = from.left - to.left;
    const y = from.top - to.top;
    if (!x && !y) return;
    // What is and was out of sight need not travel.
    if (Math.min(from.top, to.top) > innerHeight || Math.max(from.bottom, to.bottom) < 0) return;
    child.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: 'none' }],
        { duration: DURATION, easing: EASING });
}

function appear(child, delay) {
    child.animate([{ opacity: 0, transform: 'translateY(12px)' }, { opacity: 1, transform: 'none' }],
        { duration: DURATION, delay, easing: EASING, fill: 'backwards' });
}
