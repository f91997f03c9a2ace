// Likes and dislikes: said at once, taken back as easily.

import { api } from './api.js';
import { forgetProfile, opinion, personOf, personParams, profile } from './person.js';
import { change, currentRoute } from './router.js';
import { explain } from './status.js';
import { say } from './toast.js';

/** Views listen here: "feedback" with {product, opinion} when an opinion has changed. */
export const opinions = new EventTarget();

const words = { liked: 'You like', disliked: 'Not for you:', withdrawn: 'Taken back:' };

async function tell(product, kind) {
    const person = personOf();
    if (person.user) {
        await api.feedback(person.user, product, kind);
        forgetProfile();
        return;
    }
    const without = (ids) => ids.filter((id) => id !== product);
    const next = { user: null, liked: without(person.liked), disliked: without(person.disliked) };
    if (kind === 'liked') next.liked.unshift(product);
    if (kind === 'disliked') next.disliked.unshift(product);
    change(personParams(next), { replace: true });
}

/**
 * Says what this person thinks of a product: "liked", "disliked" or "withdrawn"; offers to undo it.
 * Resolves to whether the shop took it.
 */
export async function react(product, title, kind) {
    const asked = personOf();
    try {
        const before = opinion(await profile(asked), product) ?? 'withdrawn';
        await tell(product, kind);
        announce(product, kind);
        say(`${words[kind]} ${title}`, 'Undo', () => undo(asked, product, title, before));
        return true;
    } catch (error) {
        const { headline, advice } = explain(error);
        say(`${headline}. ${advice}`);
        return false;
    }
}

async function undo(asked, product, title, before) {
    // The undo belongs to the shopper it was offered for.
    if (asked.user !== personOf(currentRoute()).user) return;
    try {
        await tell(product, before);
        announce(product, before);
        say(before === 'withdrawn' ? `Undone: ${title}` : `${words[before]} ${title}`);
    } catch (error) {
        say(`${explain(error).headline}. ${explain(error).advice}`);
    }
}

function announce(product, kind) {
    const detail = { product, opinion: kind === 'withdrawn' ? null : kind };
    opinions.dispatchEvent(new CustomEvent('feedback', { detail }));
}
