// Why a product is in a list, in plain words.

import { h } from './dom.js';
import { short } from './format.js';
import { photo } from './photo.js';

const ALONE = 52; // letters of a title that is the only one in the line
const SHARED = 34; // of one beside another, or behind words of a request

/** The words of the request that speak for the product, and what of the person's is near besides. */
function asked({ words, because, because_title: title, looks_like: alike, looks_like_title: alikeTitle }, named, did) {
    const parts = words.length ? [{ text: 'You asked for ' }] : [{ text: 'Near to what you asked for' }];
    words.forEach((word, i) => parts.push(...(i ? [{ text: ' ' }] : []), { mark: word }));
    if (because) parts.push({ text: '; close to ' }, named(because, title), { text: `, which ${did(because)}` });
    else if (alike) parts.push({ text: '; looks like ' }, named(alike, alikeTitle), { text: `, which ${did(alike)}` });
    return parts;
}

/**
 * The parts of a reason: [{text}|{mark}|{product, title}]. `bought` is the set of ids that the person
 * bought: what is not among them, they like.
 */
export function reasonParts(reason, bought) {
    const named = (id, title) => ({ product: id, title: title ?? id });
    const did = (id) => (bought.has(id) ? 'you bought' : 'you like');
    const { because, looks_like: alike } = reason;
    const taste = () => [{ text: `Because ${did(because)} ` }, named(because, reason.because_title)];
    const look = () => [{ text: 'Looks like ' }, named(alike, reason.looks_like_title), { text: `, which ${did(alike)}` }];

    if (reason.kind === 'words') return asked(reason, named, did);
    if (reason.kind === 'popular') return [{ text: 'Bought by many' }];
    if (reason.kind === 'look' && alike) return look();
    if (reason.kind === 'look') return [{ text: 'Looks like your photo' }];
    if (!because) return alike ? look() : [{ text: 'Close to your taste' }];
    if (reason.kind === 'both' && alike === because) return [...taste(), { text: ', and looks like it' }];
    if (reason.kind === 'both' && alike) {
        return [...taste(), { text: '; looks like ' }, named(alike, reason.looks_like_title)];
    }
    return taste();
}

/** A line with the reason; a small photo of what it is about stands before it. */
export function reasonLine(reason, bought) {
    const parts = reasonParts(reason, bought);
    const products = parts.filter((part) => part.product);
    const length = products.length > 1 || parts.some((part) => part.mark) ? SHARED : ALONE;
    const [shown] = products;
    const words = h('span.reason-words', null, parts.map((part) => (part.product
        ? h('span.reason-product', { title: part.title }, short(part.title, length))
        : part.mark ? h('mark', null, part.mark) : part.text)));
    return h('p.reason', null, shown && photo(shown.product, { width: 40 }), words);
}
