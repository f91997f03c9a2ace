// Search with a photo: what in the shop looks like it, in reach of this shopper's taste.

import { api } from './api.js';
import { h, icon } from './dom.js';
import { opinions } from './feedback.js';
import { toggle } from './filters.js';
import { plural } from './format.js';
import { grid } from './grid.js';
import { kindPicker } from './kinds.js';
import { askedBy, opinion, personOf, profile } from './person.js';
import { currentPhoto, photos, takePhoto } from './photo-query.js';
import { categories } from './products.js';
import { askedFor, requestBox } from './request-box.js';
import { change } from './router.js';
import { empty, problem } from './status.js';
import { announce } from './toast.js';

const PAGE = 24;

function chooser() {
    const input = h('input.unseen', { type: 'file', accept: 'image/jpeg,image/png,image/webp', id: 'photo-file', 'aria-label': 'Choose a photo' });
    input.addEventListener('change', () => {
        if (input.files[0]) takePhoto(input.files[0]);
        input.value = '';
    });
    return h('div.photo-choose', null, input, h('label.button.primary', { for: 'photo-file' }, icon('camera'), 'Choose a photo'));
}

export function mountPhoto(root) {
    const preview = h('div.preview');
    const box = requestBox();
    const kinds = kindPicker((kind) => change({ kind, product: '' }, { replace: true }));
    const personal = toggle('', null, (on) => change({ alone: on ? '' : '1' }, { replace: true }));
    const personalWords = personal.element.lastElementChild;
    const list = grid('What the photo finds');
    const status = h('div.status');
    const more = h('button.more', { type: 'button', hidden: true, onclick: () => load(shown + PAGE) }, 'Show more');
    const found = h('section.chosen', { 'aria-label': 'Results' }, box.element, h('div.filters', null, kinds.element, personal.element), status, list.element, h('div.more-row', null, more));
    const view = h('div.window.photo-view', null,
        h('section.panel', { 'aria-label': 'Your photo' }, h('h1', { tabindex: '-1' }, 'Search with a photo'),
            h('p.lede', null, 'A dress seen in the street, a page of a magazine, a shoe of a friend: the shop shows what comes near.'), preview, chooser(),
            h('p.hint', null, 'Or drop one anywhere on the page, or paste it. It is sent to this shop only, and not kept.')),
        found);
    root.append(view);

    let route = null;
    let running = null;
    let shown = PAGE;
    let address = null;

    function showPreview() {
        if (address) URL.revokeObjectURL(address);
        const file = currentPhoto();
        address = file ? URL.createObjectURL(file) : null;
        const image = h('img', { src: address, alt: 'The photo you chose' });
        image.addEventListener('error', () => image.replaceWith(h('span.preview-none', null, 'This cannot be shown')));
        preview.replaceChildren(file ? image : h('span.preview-none', null, icon('camera')));
        preview.classList.toggle('filled', Boolean(file));
    }

    async function load(wanted = PAGE) {
        running?.abort();
        const file = currentPhoto();
        view.classList.toggle('idle', !file);
        if (!file) return;
        running = new AbortController();
        const { signal } = running;
        const person = personOf(route);
        const asker = route.params.alone === '1' ? {} : askedBy(person);
        list.wait(PAGE / 2);
        try {
            const question = { ...asker, text: askedFor(route), n: wanted, category: route.params.kind || undefined, explain: true };
            const [known, answer] = await Promise.all([profile(person), api.recommendByPhoto(file, question, signal)]);
            if (signal.aborted) return;
            shown = wanted;
            const bought = new Set(known.history.map((entry) => entry.product));
            status.replaceChildren(...(answer.items.length ? [] : [empty('Nothing like it here', 'No product of this kind resembles the photo.')]));
            list.show(answer.items, { bought, opinionOf: (id) => opinion(known, id) });
            more.hidden = answer.items.length < wanted || wanted >= 240;
            announce(`The photo finds ${plural(answer.items.length, 'product')}`);
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            list.clear();
            more.hidden = true;
            status.replaceChildren(problem(error, () => load(wanted)));
        }
    }

    const onPhoto = () => {
        showPreview();
        list.clear();
        load();
    };
    const onFeedback = ({ detail }) => {
        list.mark(detail.product, detail.opinion);
        load(shown);
    };
    photos.addEventListener('photo', onPhoto);
    opinions.addEventListener('feedback', onFeedback);
    showPreview();

    return {
        title: () => 'Search with a photo',
        update(next) {
            route = next;
            const person = personOf(route);
            const somebody = person.user || person.liked.length;
            personal.element.hidden = !somebody;
            personalWords.textContent = person.user ? `Mix in the taste of ${person.user}` : 'Mix in what you like';
            personal.show(route.params.alone !== '1');
            box.show(route);
            categories().then((all) => kinds.show(all, route.params.kind), () => { kinds.element.hidden = true; });
            load(shown);
        },
        destroy() {
            running?.abort();
            box.destroy();
            if (address) URL.revokeObjectURL(address);
            photos.removeEventListener('photo', onPhoto);
            opinions.removeEventListener('feedback', onFeedback);
        },
    };
}
