// Recommendations page by page. The server filters by kind; prices are of the catalogue, so that
// the page looks further down the list until it has enough products of the price that was asked for.

import { priceFits } from './filters.js';
import { product } from './products.js';

const ROUND = 48;
const ROUNDS = 8;

async function fitting(items, filters) {
    const details = await Promise.all(items.map((item) => product(item.id).catch(() => null)));
    return items.filter((_, i) => details[i] && priceFits(details[i].price, filters));
}

/**
 * At least `n` items from `offset` on, if there are as many. `ask({n, offset})` answers with a list.
 * Resolves to {items, next, basedOn}: `next` is null at the end of the list.
 */
export async function gather(ask, filters, n, offset) {
    const anyPrice = filters.min === null && filters.max === null;
    if (anyPrice) {
        const { items, based_on: basedOn } = await ask({ n, offset });
        return { items, basedOn, next: items.length < n ? null : offset + n };
    }
    const found = [];
    let at = offset;
    let basedOn = null;
    for (let round = 0; round < ROUNDS; round++) {
        const answer = await ask({ n: ROUND, offset: at });
        basedOn = answer.based_on;
        at += ROUND;
        found.push(...await fitting(answer.items, filters));
        if (answer.items.length < ROUND) return { items: found, basedOn, next: null };
        if (found.length >= n) break;
    }
    // Too few so far down: further down they do not suit the person either.
    return { items: found, basedOn, next: found.length < n ? null : at };
}
