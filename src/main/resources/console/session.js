// Who is signed in.
import {json, get, useToken} from './api.js';

const RANKS = ['viewer', 'operator', 'admin'];

let current = null;

/** `{user, role, functions, bodies, readOnly, environment, environmentColour}`; null when nobody is. */
export const session = () => current;

/** Whether who is signed in may look at what needs a role. */
export const sees = role => current !== null && RANKS.indexOf(current.role) >= RANKS.indexOf(role);

/** Whether he may do what needs it. The server decides; this only spares a refusal. */
export const may = role => sees(role) && !current.readOnly;

/** Whether he sees every function. What is about all of them at once is closed to whoever does not. */
export const seesAll = () => current?.functions.includes('*.*') ?? false;

/** Whether he sees what calls were sent with and what functions answered. */
export const seesBodies = () => current?.bodies ?? false;

/** Asks the server; answers null when nobody is signed in. */
export async function resume() {
  try {
    return take(await get('system/session'));
  } catch (problem) {
    if (problem.status !== 401) {
      throw problem;
    }
    return take(null);
  }
}

export async function signIn(user, password) {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return take(await json('POST', 'system/session', {headers: {Authorization: authorization}}));
}

export async function signOut() {
  try {
    await json('DELETE', 'system/session');
  } finally {
    take(null);
  }
}

export function forget() {
  take(null);
}

function take(answer) {
  current = answer;
  useToken(answer?.token);
  return answer;
}
