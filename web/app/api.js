// Talks to the server that the page came from, and to nothing else.

const KEY = 'lookbook.key';

/** What went wrong, as the server says it; status 0: there was no answer at all. */
export class ApiError extends Error {
    constructor(status, code, message) {
        super(message);
        this.status = status;
        this.code = code;
    }
}

/** The key lives as long as the tab: sessionStorage. Where that is forbidden, as long as the page. */
let memory = null;
export function key() {
    try {
        return sessionStorage.getItem(KEY) ?? memory;
    } catch {
        return memory;
    }
}

export function setKey(value) {
    memory = value;
    try {
        if (value) sessionStorage.setItem(KEY, value);
        else sessionStorage.removeItem(KEY);
    } catch {
        // Storage is switched off; `memory` has it.
    }
}

// The dialog that asks for a key (main.js sets it); many requests wait for one answer.
let asker = null;
let asking = null;
export function onKeyNeeded(ask) {
    asker = ask;
}

/** Asks for a key; resolves to whether there is a new one. */
export function askForKey(reason) {
    asking ??= asker(reason).finally(() => { asking = null; });
    return asking;
}

async function send(path, { method = 'GET', json, form, signal, headers = {} }) {
    const sent = { ...headers };
    if (key()) sent.Authorization = `Bearer ${key()}`;
    if (json !== undefined) sent['Content-Type'] = 'application/json';
    const body = json === undefined ? form : JSON.stringify(json);
    try {
        return await fetch(path, { method, headers: sent, body, signal, credentials: 'same-origin' });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new ApiError(0, 'unreachable', 'The shop does not answer.');
    }
}

async function failure(response) {
    let code = 'internal';
    let message = `The shop answered with status ${response.status}.`;
    try {
        const body = await response.json();
        code = body.error.code;
        message = body.error.message;
    } catch {
        // Not a reply of this server (a proxy's page, say): the status is what is known.
    }
    return new ApiError(response.status, code, message);
}

/** A response that is a success; asks for a key where one is missing or wrong. */
export async function request(path, options = {}) {
    const used = key();
    const response = await send(path, options);
    if (response.ok) return response;
    const error = await failure(response);
    if (response.status !== 401 || !asker) throw error;
    // Another request may have got a key while this one was on its way.
    if (key() === used && !(await askForKey(used ? 'wrong' : 'missing'))) throw error;
    return request(path, options);
}

async function reply(path, options) {
    const response = await request(path, options);
    try {
        return await response.json();
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new ApiError(0, 'unreachable', 'The answer of the shop broke off.');
    }
}

const segment = encodeURIComponent;

function query(params) {
    const kept = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
    const text = new URLSearchParams(kept.map(([name, value]) => [name, value === true ? '1' : value])).toString();
    return text ? `?${text}` : '';
}

export const api = {
    recommend: (body, signal) => reply('/api/recommend', { method: 'POST', json: body, signal }),
    recommendByPhoto(photo, body, signal) {
        const form = new FormData();
        form.append('request', JSON.stringify(body));
        form.append('image', photo);
        return reply('/api/recommend', { method: 'POST', form, signal });
    },
    similar: (id, params, signal) => reply(`/api/similar/${segment(id)}${query(params)}`, { signal }),
    products: (params, signal) => reply(`/api/products${query(params)}`, { signal }),
    product: (id, signal) => reply(`/api/products/${segment(id)}`, { signal }),
    categories: (signal) => reply('/api/categories', { signal }),
    requests: (params, signal) => reply(`/api/requests${query(params)}`, { signal }),
    users: (params, signal) => reply(`/api/users${query(params)}`, { signal }),
    user: (id, signal) => reply(`/api/users/${segment(id)}`, { signal }),
    map: (params, signal) => reply(`/api/map${query(params)}`, { signal }),
    state: (signal) => reply('/api/state', { signal }),
    studyPair: (signal) => reply('/api/study', { signal }),
    studyVote: (vote) => reply('/api/study', { method: 'POST', json: vote }),
    studyResults: (signal) => reply('/api/study/results', { signal }),
    admin: (action) => reply(`/api/admin/${action}`, { method: 'POST' }),
    feedback(user, product, kind) {
        // The same click sent twice by the network counts once.
        const headers = { 'Idempotency-Key': crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
        return reply('/api/feedback', { method: 'POST', json: { user, product, kind }, headers });
    },
    photoAddress: (id, side) => `/api/products/${segment(id)}/photo?side=${side}`,
};
