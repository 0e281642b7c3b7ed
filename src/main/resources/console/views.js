// Views that somebody has given a name: places of the console, kept in this browser.
const KEY = 'caravan.views';
const MOST = 50;

/** `[{name, hash}]`, by name. What cannot be read, since somebody else wrote it, is nothing. */
export function views() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept)
      ? kept.filter(each => typeof each?.name === 'string' && String(each.hash).startsWith('#/')) : [];
  } catch {
    return [];
  }
}

/** One of the same name is replaced. */
export function keep(name, hash) {
  const others = views().filter(each => each.name !== name);
  write([...others, {name, hash}].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST));
}

export function drop(name) {
  write(views().filter(each => each.name !== name));
}

function write(all) {
  localStorage.setItem(KEY, JSON.stringify(all));
  window.dispatchEvent(new CustomEvent('views-changed'));
}
