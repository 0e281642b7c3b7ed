// The one way to Caravan's API, and the one place where its errors become words.

/** Works below whatever path a proxy puts Caravan. */
const root = new URL('../', document.baseURI);

/** The session's token, which everything that changes something must say. */
let token = '';

export function useToken(value) {
  token = value ?? '';
}

/** An answer that is no success, or none at all (status 0). Its message is one line for a person. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The address of something below Caravan's root. `query` leaves out what is empty. */
export function address(path, query = {}) {
  const url = new URL(path, root);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') {
      url.searchParams.set(name, value);
    }
  }
  return url;
}

/** A path segment that a name or an id makes. */
export const segment = encodeURIComponent;

/**
 * Asks, and answers with the Response, whatever its status. `reason` says in the audit log why.
 *
 * @throws ApiError when there is none
 */
export async function ask(method, path, {query, body, headers = {}, signal, reason} = {}) {
  try {
    return await fetch(address(path, query), {
      method,
      body,
      signal,
      // The token is empty before there is one: it says that the console asks.
      headers: {...headers, ...(reason && {'X-Reason': encodeURIComponent(reason)}), 'X-Caravan-Token': token},
      credentials: 'same-origin',
      redirect: 'manual',
    });
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new ApiError(0, 'Caravan cannot be reached');
  }
}

/**
 * The same, when it is a success.
 *
 * @throws ApiError otherwise; a 401 also ends what the console believes of its session
 */
export async function send(method, path, options) {
  const answer = await ask(method, path, options);
  if (!answer.ok) {
    if (answer.status === 401) {
      window.dispatchEvent(new CustomEvent('signed-out'));
    }
    throw new ApiError(answer.status, await problem(answer));
  }
  return answer;
}

/** Asks for JSON; `body` is sent as JSON, `text` as it is. */
export async function json(method, path, {body, text, ...options} = {}) {
  const sent = body === undefined
    ? {...options, body: text}
    : {...options, body: JSON.stringify(body), headers: {'Content-Type': 'application/json', ...options.headers}};
  const answer = await send(method, path, sent);
  return answer.json();
}

export const get = (path, query, signal) => json('GET', path, {query, signal});

/** Problem details (RFC 9457), or the one line of the OpenFaaS paths. */
async function problem(answer) {
  const text = (await answer.text()).trim();
  if (answer.headers.get('Content-Type')?.includes('json')) {
    try {
      return JSON.parse(text).detail || `answer ${answer.status}`;
    } catch {
      return `answer ${answer.status}, which cannot be read`;
    }
  }
  return text.slice(0, 300) || `answer ${answer.status}`;
}
