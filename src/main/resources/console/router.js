// Addresses within the console: #/PAGE/REST?QUERY. What stands there never reaches a server's log.

/** `{page, rest, query}` of what the browser shows; `rest` are the decoded segments behind the page. */
export function place(hash = location.hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  return {page, rest, query: Object.fromEntries(new URLSearchParams(query))};
}

/** The address of a place; what is empty in the query is left out. */
export function link(segments, query = {}) {
  const path = [].concat(segments).map(encodeURIComponent).join('/');
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return `#/${path}${said.length ? `?${new URLSearchParams(said)}` : ''}`;
}

export function go(segments, query) {
  location.hash = link(segments, query);
}

/** A stray percent sign means itself. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
