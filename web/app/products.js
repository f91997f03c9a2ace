// Details of products (price, brand, kind), which lists leave out: each is asked for once.

import { api } from './api.js';

const KEPT = 3000;
const known = new Map(); // id -> promise of the product

function keep(id, promise) {
    known.delete(id);
    known.set(id, promise);
    if (known.size > KEPT) known.delete(known.keys().next().value);
    return promise;
}

/** A product with its price, brand and kind. */
export function product(id) {
    const there = known.get(id);
    if (there) return there;
    const promise = api.product(id);
    promise.catch(() => known.delete(id));
    return keep(id, promise);
}

/** Notes products that came with an answer (a page of the catalogue). */
export function note(products) {
    for (const item of products) {
        // A page of the catalogue has no descriptions; the dialog asks for those.
        if (!known.has(item.id)) keep(item.id, Promise.resolve(item));
    }
}

/** A product with its description, as it is now. */
export function freshProduct(id, signal) {
    return api.product(id, signal).then((found) => {
        keep(id, Promise.resolve(found));
        return found;
    });
}

let kinds = null;
/** The categories of the shop, asked for once. */
export function categories() {
    kinds ??= api.categories().then((answer) => answer.categories);
    kinds.catch(() => { kinds = null; });
    return kinds;
}

/** After a reload of the model or the like: nothing that is known need hold. */
export function forget() {
    known.clear();
    kinds = null;
}
