// The page: a header, one view at a time, and perhaps a product over it, as the address says.

import { onKeyNeeded } from './api.js';
import { h, icon } from './dom.js';
import { askKey } from './key-dialog.js';
import { listenForPhotos } from './photo-query.js';
import { personName, personOf, personParams } from './person.js';
import { showProduct } from './product-dialog.js';
import { currentRoute, link } from './router.js';
import { empty, problem } from './status.js';

// Views that are not needed at once are fetched when they are opened.
const views = {
    home: ['Shoppers', () => import('./view-home.js').then((m) => m.mountHome)],
    shop: ['For you', () => import('./view-shop.js').then((m) => m.mountShop)],
    catalogue: ['Catalogue', () => import('./view-catalogue.js').then((m) => m.mountCatalogue)],
    photo: ['Photo', () => import('./view-photo.js').then((m) => m.mountPhoto)],
    map: ['Map', () => import('./view-map.js').then((m) => m.mountMap)],
    study: [null, () => import('./view-study.js').then((m) => m.mountStudy)], // by its address only
    operations: ['Operations', () => import('./view-operations.js').then((m) => m.mountOperations)],
};

const main = document.getElementById('main');
const navigation = h('nav.nav', { 'aria-label': 'Main' });
const shopper = h('a.who', { href: link('home') });
document.getElementById('top').append(h('a.wordmark', { href: link('home'), 'aria-label': 'Lookbook, start' }, 'Lookbook'), navigation, shopper);

let open = { name: null, view: null };
let turn = 0;

function showHeader(route) {
    const person = personOf(route);
    const somebody = route.view !== 'home' && (person.user || person.liked.length || route.view === 'shop');
    navigation.replaceChildren(...Object.entries(views).filter(([name, [label]]) => label && name !== 'home').map(([name, [label]]) => {
        const here = name === route.view;
        return h('a', { href: link(name, personParams(person)), 'aria-current': here ? 'page' : null }, label);
    }));
    shopper.replaceChildren(icon('person'), h('span.who-name', null, somebody ? personName(person) : 'Choose a shopper'));
    shopper.setAttribute('aria-label', somebody ? `Shopper: ${personName(person)}. Change` : 'Choose a shopper');
}

async function mount(route) {
    const mine = ++turn;
    open.view?.destroy();
    const first = open.name === null;
    open = { name: route.view, view: null };
    main.setAttribute('aria-busy', 'true');
    try {
        if (!views[route.view]) throw Object.assign(new Error(), { unknown: true });
        const build = await views[route.view][1]();
        if (mine !== turn) return;
        main.replaceChildren();
        main.className = `view-${route.view}`;
        open.view = build(main);
    } catch (error) {
        if (mine !== turn) return;
        main.className = '';
        main.replaceChildren(error.unknown
            ? h('div', null, h('h1', { tabindex: '-1' }, 'No such page'), empty('', 'The address leads nowhere.', h('a.button', { href: link('home') }, 'To the start')))
            : problem(error, () => mount(currentRoute())));
    }
    main.removeAttribute('aria-busy');
    update();
    // Whoever came by a link hears where they are; on arrival the browser does that.
    if (!first) {
        scrollTo(0, 0);
        (main.querySelector('h1') ?? main).focus({ preventScroll: true });
    }
}

let last = null;

function update() {
    const route = currentRoute();
    const { product, ...rest } = route.params;
    // A product that opens or closes over the view is none of the view's business.
    const state = JSON.stringify([open.name, turn, rest]);
    if (state !== last) open.view?.update(route);
    last = state;
    document.title = `${open.view?.title(route) ?? 'Lookbook'} – Lookbook`;
    showProduct(product);
}

function follow() {
    const route = currentRoute();
    showHeader(route);
    if (route.view === open.name && open.view) update();
    else mount(route);
}

document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
});
onKeyNeeded(askKey);
listenForPhotos();
addEventListener('hashchange', follow);
follow();
