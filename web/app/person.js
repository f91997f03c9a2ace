// The person that the page is looked at for: a shopper of the dataset, or somebody who is just
// looking, whose likes stand in the address and nowhere else.

import { api } from './api.js';
import { currentRoute } from './router.js';

// Ids may contain anything; in the address they stand encoded, with spaces between them.
const join = (ids) => ids.map(encodeURIComponent).join(' ');

function split(text) {
    try {
        return text ? text.split(' ').map(decodeURIComponent).filter(Boolean) : [];
    } catch {
        return []; // an address that somebody wrote by hand
    }
}

/** {user, liked, disliked}: `user` is null for somebody who is just looking. */
export function personOf(route = currentRoute()) {
    const { user, liked, disliked } = route.params;
    return user ? { user, liked: [], disliked: [] } : { user: null, liked: split(liked), disliked: split(disliked) };
}

/** The parameters that carry a person from view to view. */
export function personParams(person) {
    return person.user ? { user: person.user, liked: '', disliked: '' }
        : { user: '', liked: join(person.liked), disliked: join(person.disliked) };
}

/** What a person is called. */
export const personName = (person) => person.user ?? 'Just looking';

/** Members of a question that say who asks. */
export function askedBy(person) {
    if (person.user) return { user: person.user };
    const asked = {};
    if (person.liked.length) asked.liked = person.liked;
    if (person.disliked.length) asked.disliked = person.disliked;
    return asked;
}

/** Of a shopper nobody has seen yet, nothing is known; that is no error. */
const stranger = (id) => ({ id, history: [], liked: [], disliked: [], known_to_model: false, stranger: true });

/** Opinions as ids; of the history what was bought. */
function tidy(known) {
    const ids = (entries) => entries.map((entry) => entry.product ?? entry);
    return { ...known, history: known.history.filter((entry) => entry.kind === 'bought'), liked: ids(known.liked), disliked: ids(known.disliked) };
}

// What is known of the shopper that was asked for last.
let cached = { user: null, promise: null };

/** What the shop knows of a person: {id, history, liked, disliked, ..}. */
export function profile(person) {
    if (!person.user) {
        return Promise.resolve({ id: null, history: [], liked: person.liked, disliked: person.disliked, known_to_model: false });
    }
    if (cached.user !== person.user) {
        const promise = api.user(person.user).then(tidy, (error) => {
            if (error.status === 404) return stranger(person.user);
            if (cached.promise === promise) forgetProfile();
            throw error;
        });
        cached = { user: person.user, promise };
    }
    return cached.promise;
}

/** The next question asks the server again. */
export function forgetProfile() {
    cached = { user: null, promise: null };
}

/** "liked", "disliked" or null: what a person said of a product. */
export function opinion(known, id) {
    if (known.liked.includes(id)) return 'liked';
    return known.disliked.includes(id) ? 'disliked' : null;
}
