// Finds a shopper by name: a combobox whose suggestions come from the server.

import { api } from './api.js';
import { debounce, h, icon } from './dom.js';
import { plural } from './format.js';
import { explain } from './status.js';

let serial = 0;

/** `choose(id)` is called with what was picked, or typed and confirmed. */
export function shopperPicker(choose, { label = 'Find a shopper' } = {}) {
    const id = `picker-${++serial}`;
    let options = [];
    let active = -1;
    let running = null;

    const list = h('ul.suggestions', { role: 'listbox', id: `${id}-list`, 'aria-label': 'Shoppers', hidden: true });
    const input = h('input', { type: 'search', role: 'combobox', id, autocomplete: 'off', spellcheck: 'false',
        'aria-expanded': 'false', 'aria-controls': `${id}-list`, 'aria-autocomplete': 'list', placeholder: label });
    const news = h('p.unseen', { role: 'status' });
    const element = h('div.picker', null, h('label.unseen', { for: id }, label), icon('search'), input, list, news);

    function close() {
        running?.abort();
        suggest.cancel();
        list.hidden = true;
        active = -1;
        input.setAttribute('aria-expanded', 'false');
        input.removeAttribute('aria-activedescendant');
    }

    function pick(user) {
        close();
        input.value = '';
        choose(user);
    }

    function light(index) {
        active = index;
        options.forEach((option, i) => option.element.setAttribute('aria-selected', String(i === index)));
        if (index < 0) input.removeAttribute('aria-activedescendant');
        else {
            input.setAttribute('aria-activedescendant', options[index].element.id);
            options[index].element.scrollIntoView({ block: 'nearest' });
        }
    }

    function open(users) {
        options = users.map((user, i) => ({ id: user.id, element: h('li', {
            role: 'option', id: `${id}-${i}`, 'aria-selected': 'false',
            // Before the field loses the focus.
            onpointerdown: (event) => { event.preventDefault(); pick(user.id); },
        }, h('span', null, user.id), h('span.suggestion-note', null, plural(user.products, 'purchase'))) }));
        list.replaceChildren(...options.map((option) => option.element));
        list.hidden = !options.length;
        active = -1;
        input.setAttribute('aria-expanded', String(options.length > 0));
        news.textContent = options.length ? plural(options.length, 'suggestion') : 'No shopper has this in their name';
    }

    const suggest = debounce(async () => {
        running?.abort();
        running = new AbortController();
        try {
            const found = await api.users({ search: input.value.trim(), n: 8 }, running.signal);
            if (document.activeElement === input) open(found.users);
        } catch (error) {
            if (error.name !== 'AbortError') news.textContent = explain(error).headline;
        }
    }, 120);

    const steps = { ArrowDown: 1, ArrowUp: -1 };
    input.addEventListener('input', suggest);
    input.addEventListener('focus', suggest);
    input.addEventListener('blur', close);
    input.addEventListener('keydown', (event) => {
        if (event.key in steps) {
            event.preventDefault();
            if (list.hidden) suggest();
            else light((active + steps[event.key] + options.length + (active < 0 && event.key === 'ArrowUp' ? 1 : 0)) % options.length);
        } else if (event.key === 'Enter') {
            event.preventDefault();
            const typed = input.value.trim();
            if (active >= 0) pick(options[active].id);
            else if (typed) pick(options.find((o) => o.id.toLowerCase() === typed.toLowerCase())?.id ?? typed);
        } else if (event.key === 'Escape' && !list.hidden) {
            event.preventDefault();
            event.stopPropagation();
            close();
        }
    });
    return { element, focus: () => input.focus() };
}
