// The catalogue as a map: what is alike lies together, and the shopper stands among it. The list
// beside it says the same without eyes on the canvas.

import { api } from './api.js';
import { debounce, h, icon } from './dom.js';
import { kindName, plural } from './format.js';
import { Camera, cameraText, parseCamera } from './map-camera.js';
import { MapCanvas } from './map-canvas.js';
import { glide, listen, zoomed } from './map-input.js';
import { personOf, profile } from './person.js';
import { photo } from './photo.js';
import { change, currentRoute, productLink } from './router.js';
import { empty, problem } from './status.js';
import { announce, say } from './toast.js';

const PRODUCTS = 1000;
const LISTED = 30;
const NEAR = 7; // the zoom at which a product or the shopper is looked at

const HELP = 'Arrow keys move the map, plus and minus zoom, 0 shows everything, Enter opens the product in the middle. The products in view are listed after it.';

function mapParts() {
    const canvas = h('canvas.map-canvas', { tabindex: '0', role: 'application', 'aria-roledescription': 'map',
        'aria-label': 'Map of the catalogue', 'aria-describedby': 'map-help' });
    const hint = h('div.map-hint', { hidden: true, 'aria-hidden': 'true' });
    const button = (name, label) => h('button', { type: 'button', 'aria-label': label, title: label }, icon(name));
    const controls = { closer: button('plus', 'Zoom in'), wider: button('minus', 'Zoom out'), all: button('fit', 'Show everything'), shopper: button('person', 'Go to the shopper') };
    const frame = h('div.map-frame', null, canvas, hint, h('div.map-middle', { 'aria-hidden': 'true' }),
        h('div.map-controls', { role: 'group', 'aria-label': 'Move the map' }, Object.values(controls)));
    return { canvas, hint, controls, frame };
}

export function mountMap(root) {
    const { canvas, hint, controls, frame } = mapParts();
    const subtitle = h('p.subtitle', null, '\u00a0');
    const heading = h('h2', { id: 'in-view' }, 'In view');
    const rows = h('ul.map-list', { 'aria-labelledby': 'in-view' });
    const rest = h('p.hint', { hidden: true });
    const status = h('div.status');
    const stage = h('div.map-stage', null, frame, h('section.map-side', { 'aria-labelledby': 'in-view' }, heading, rows, rest));
    root.append(h('section', { 'aria-labelledby': 'map-title' },
        h('header.view-head', null, h('h1', { tabindex: '-1', id: 'map-title' }, 'Map of the catalogue'), subtitle),
        h('p.unseen', { id: 'map-help' }, HELP), status, stage));

    const camera = new Camera();
    const map = new MapCanvas(canvas, camera);
    let running = null;
    let asked = null;
    let focused = null;
    let wanted = null;

    const keepPlace = debounce(() => {
        if (currentRoute().view === 'map') change({ at: cameraText(camera), focus: '' }, { replace: true });
    }, 250);
    const listView = debounce(() => list(), 120);
    const tellMiddle = debounce(() => {
        const item = document.activeElement === canvas ? middle() : null;
        map.light(item);
        if (item) announce(`${item.title ?? item.id}. ${plural(map.visible().length, 'product')} in view`);
    }, 300);

    const middle = () => map.nearest(camera.width / 2, camera.height / 2);
    const look = (target) => glide(camera, target, moved);
    const home = () => look(camera.whole);

    function moved() {
        map.redraw();
        listView();
        keepPlace();
        if (frame.classList.contains('keys')) tellMiddle();
    }

    function openProduct(item) {
        if (item) location.hash = productLink(item.id);
    }

    /** What is in view, from the middle outwards. */
    function list() {
        const [x, y] = [camera.width / 2, camera.height / 2];
        const seen = map.visible().map((s) => ({ ...s, far: Math.hypot(s.x - x, s.y - y) })).sort((a, b) => a.far - b.far);
        heading.textContent = `${plural(seen.length, 'product')} in view`;
        const held = rows.contains(document.activeElement) ? document.activeElement.dataset.product : null;
        rows.replaceChildren(...seen.slice(0, LISTED).map(({ item }) => row(item)));
        rest.hidden = seen.length <= LISTED;
        rest.textContent = `The ${LISTED} in the middle are listed. Zoom in for the others.`;
        if (held) [...rows.querySelectorAll('a')].find((a) => a.dataset.product === held)?.focus();
    }

    function row(item) {
        const open = h('a.map-row', { href: productLink(item.id), 'data-product': item.id,
            onpointerenter: () => map.light(item), onpointerleave: () => map.light(null),
            onfocus: () => map.light(item), onblur: () => map.light(null) },
        photo(item.id, { width: 56 }), h('span', null, h('span.map-row-title', null, item.title ?? item.id),
            h('span.map-row-kind', null, [kindName(item.category), item.new && 'new', map.bought.has(item.id) && 'bought'].filter(Boolean).join(' · '))));
        open.addEventListener('click', () => open.setAttribute('href', productLink(item.id)));
        return h('li', null, open);
    }

    function over(x, y) {
        const item = map.at(x, y);
        map.light(item);
        canvas.classList.toggle('pointing', Boolean(item));
        hint.hidden = !item;
        if (!item) return;
        hint.textContent = item.title ?? item.id;
        const left = Math.min(Math.max(x, 120), camera.width - 120);
        const below = y < 120;
        hint.style.transform = `translate(${left}px, ${y + (below ? 1 : -1) * (map.size * 0.62 + 10)}px) translate(-50%, ${below ? 0 : -100}%)`;
    }

    function out() {
        map.light(null);
        hint.hidden = true;
        canvas.classList.remove('pointing');
    }

    listen(canvas, camera, { moved, over, out, home, pressed: (x, y) => openProduct(map.at(x, y)), chosen: () => openProduct(middle()) });
    canvas.addEventListener('keydown', () => frame.classList.add('keys'));
    canvas.addEventListener('pointerdown', () => frame.classList.remove('keys'));
    canvas.addEventListener('blur', () => { frame.classList.remove('keys'); map.light(null); });
    controls.closer.addEventListener('click', () => look(zoomed(camera, 1.8)));
    controls.wider.addEventListener('click', () => look(zoomed(camera, 1 / 1.8)));
    controls.all.addEventListener('click', home);
    controls.shopper.addEventListener('click', () => map.user && look({ x: map.user.x, y: map.user.y, zoom: NEAR }));
    const sized = new ResizeObserver(() => { map.resize(); listView(); });
    sized.observe(canvas);

    async function load(person) {
        running?.abort();
        running = new AbortController();
        const { signal } = running;
        frame.setAttribute('aria-busy', 'true');
        try {
            const known = await profile(person);
            const answer = await api.map({ n: PRODUCTS, user: known.stranger ? null : person.user }, signal);
            if (signal.aborted) return;
            status.replaceChildren(...(answer.products.length ? [] : [empty('An empty map', 'The shop has no products that the model has placed.')]));
            stage.hidden = !answer.products.length;
            map.show(answer.products, answer.user, new Set(known.history.map((entry) => entry.product)));
            if (wanted) camera.set(wanted);
            wanted = null;
            controls.shopper.hidden = !answer.user;
            subtitle.textContent = describe(answer);
            list();
            lookAt(focused);
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            stage.hidden = true;
            status.replaceChildren(problem(error, () => load(person)));
        }
        frame.removeAttribute('aria-busy');
    }

    function describe({ products, user, space }) {
        const by = space === 'look' ? 'looks alike' : 'suits the same people';
        const where = user ? ` ${user.id} stands at the mark; what they bought has a coloured edge.` : ' Choose a shopper to see where they stand.';
        return `${plural(products.length, 'product')}: what ${by} lies together. Zoom in for more pictures.${where}`;
    }

    function lookAt(id) {
        if (!id || !map.products.length) return;
        focused = null;
        const item = map.products.find((p) => p.id === id);
        if (!item) {
            say(`This product is not among the ${map.products.length} on the map.`);
            return;
        }
        look({ x: item.x, y: item.y, zoom: NEAR });
        map.light(item);
    }

    return {
        title: () => 'Map',
        update(route) {
            const person = personOf(route);
            if (asked === null) wanted = parseCamera(route.params.at);
            focused = route.params.focus ?? null;
            if (asked !== (person.user ?? '')) {
                asked = person.user ?? '';
                load(person);
            } else if (focused) {
                lookAt(focused);
            } else {
                const place = parseCamera(route.params.at);
                if (place && cameraText(place) !== cameraText(camera)) { camera.set(place); map.redraw(); listView(); }
            }
        },
        destroy() {
            running?.abort();
            sized.disconnect();
            for (const later of [keepPlace, listView, tellMiddle]) later.cancel();
            map.close();
        },
    };
}
