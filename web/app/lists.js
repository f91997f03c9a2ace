// Recommendations page by page.

/**
 * At most `n` items from `offset` on. `ask({n, offset})` answers with a list. Resolves to
 * {items, next, basedOn}: `next` is null at the end of the list.
 */
export async function gather(ask, n, offset) {
    const { items, based_on: basedOn } = await ask({ n, offset });
    return { items, basedOn, next: items.length < n ? null : offset + n };
}
