// Asks for the key of a shop that has keys.

import { setKey } from './api.js';
import { openDialog } from './dialog.js';
import { h } from './dom.js';

const why = {
    missing: 'This shop answers only to those who have a key. Whoever runs it can give you one.',
    wrong: 'That key is not one of this shop. Perhaps it has been changed.',
    weak: 'What you asked for needs a key with more rights.',
};

/** Resolves to whether a key was entered. */
export function askKey(reason) {
    return new Promise((resolve) => {
        const input = h('input', { type: 'password', id: 'key', name: 'key', autocomplete: 'off', required: true, spellcheck: 'false' });
        const form = h('form', null, h('h2', { id: 'key-title' }, 'A key, please'), h('p', null, why[reason]),
            h('label', { for: 'key' }, 'Key'), input,
            h('p.hint', null, 'It is kept in this tab until you close it, and sent to this shop only.'),
            h('div.buttons', null, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
                h('button.primary', { type: 'submit' }, 'Enter')));
        const dialog = h('dialog.small', { 'aria-labelledby': 'key-title' }, form);
        let entered = false;
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            // A header carries no other characters.
            if (!/^[\x21-\x7e]+$/.test(input.value.trim())) {
                input.setCustomValidity('A key has letters, digits and signs without spaces.');
                input.reportValidity();
                return;
            }
            setKey(input.value.trim());
            entered = true;
            dialog.close();
        });
        input.addEventListener('input', () => input.setCustomValidity(''));
        dialog.addEventListener('close', () => resolve(entered));
        openDialog(dialog);
    });
}
