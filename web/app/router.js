// Each view is a link: #/VIEW?name=value. What a person chose (shopper, filters, the open product)
// stands in the address, so that reload, back, forward and a bookmark show the same.

/** {view, params}; `params` is a plain object of texts. An empty address is the view "home". */
export function parseRoute(hash) {
    const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
    return { view: path || 'home', params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a view; parameters that are empty, null or undefined are left out. */
export function link(view, params = {}) {
    const kept = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const query = new URLSearchParams(kept).toString();
    return `#/${view === 'home' ? '' : view}${query ? `?${query}` : ''}`;
}

export const currentRoute = () => parseRoute(location.hash);

/** Goes to a view. `replace` keeps the step out of the history: for sliders and the like. */
export function go(view, params, { replace = false } = {}) {
    const address = link(view, params);
    if (address === location.hash || (address === '#/' && !location.hash)) return;
    if (replace) {
        history.replaceState(null, '', address);
        dispatchEvent(new HashChangeEvent('hashchange'));
    } else {
        location.hash = address;
    }
}

/** The same view with some parameters changed. */
export function change(params, options) {
    const route = currentRoute();
    go(route.view, { ...route.params, ...params }, options);
}

/** The address of the open view with one product opened over it. */
export function productLink(id) {
    const route = currentRoute();
    return link(route.view, { ...route.params, product: id });
}
