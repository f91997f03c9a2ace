// A list of products that changes under the eye: cards stay the same elements while their product
// stays in the list, so that focus, photos and places survive.

import { card } from './card.js';
import { h } from './dom.js';
import { flip } from './flip.js';
import { skeletons } from './status.js';

/** A grid of cards. `label` is what screen readers call it. */
export function grid(label) {
    const list = h('ul.grid', { 'aria-label': label });
    const cards = new Map(); // id -> card

    return {
        element: list,

        /** Places for n products that are on their way; what is shown already stays, dimmed. */
        wait(n) {
            list.setAttribute('aria-busy', 'true');
            if (!cards.size) list.replaceChildren(...skeletons(n));
        },

        /** Shows these items in this order; `options` as for a card. */
        show(items, options) {
            const ids = new Set(items.map((item) => item.id));
            const next = this.focusAfter(ids);
            flip(list, () => {
                for (const id of [...cards.keys()]) {
                    if (!ids.has(id)) cards.delete(id);
                }
                for (const item of items) {
                    if (cards.has(item.id)) cards.get(item.id).update(item, options);
                    else cards.set(item.id, card(item, options));
                }
                place(list, items.map((item) => cards.get(item.id).element));
            });
            list.removeAttribute('aria-busy');
            next?.();
        },

        /** If the card that has the focus is about to leave: how to hand the focus on. */
        focusAfter(ids) {
            const held = [...cards].findIndex(([, shown]) => shown.element.contains(document.activeElement));
            if (held < 0) return null;
            const order = [...cards.keys()];
            if (ids.has(order[held])) return null;
            const heir = order.slice(held + 1).find((id) => ids.has(id)) ?? order.findLast((id) => ids.has(id));
            return () => (heir ? cards.get(heir).focus() : document.querySelector('main h1')?.focus());
        },

        /** Marks a product as liked, disliked or neither. */
        mark(id, opinion) {
            cards.get(id)?.mark(opinion);
        },

        /** The wait is over without an answer. */
        settle() {
            list.removeAttribute('aria-busy');
            if (!cards.size) list.replaceChildren();
        },

        clear() {
            cards.clear();
            list.removeAttribute('aria-busy');
            list.replaceChildren();
        },

        get size() {
            return cards.size;
        },
    };
}

/** Children in this order, moved as little as possible (moving an element takes its focus). */
function place(list, wanted) {
    const keep = new Set(wanted);
    for (const child of [...list.children]) {
        if (!keep.has(child)) child.remove();
    }
    let at = list.firstElementChild;
    for (const element of wanted) {
        if (element === at) {
            at = at.nextElementSibling;
            continue;
        }
        const focused = element.contains(document.activeElement) ? document.activeElement : null;
        list.insertBefore(element, at);
        focused?.focus({ preventScroll: true });
    }
}
