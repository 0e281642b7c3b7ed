// The pages, in the order of the menu. Each is a module that defines an element, which is given the place
// (`rest`, `query`) it is to show. One with `there` is in the menu only when that says so.
import {seesAll, seesBodies, session} from './session.js';

const all = [
  {path: 'overview', title: 'Overview', element: 'overview-page', load: () => import('./pages/overview.js')},
  {path: 'functions', title: 'Functions', element: 'functions-page', load: () => import('./pages/functions.js')},
  {path: 'calls', title: 'Calls', element: 'calls-page', load: () => import('./pages/calls.js')},
  {path: 'queues', title: 'Queues', element: 'queues-page', load: () => import('./pages/queues.js')},
  {path: 'dead-letters', title: 'Dead letters', element: 'dead-letters-page', load: () => import('./pages/dead-letters.js')},
  {path: 'replays', title: 'Replays', element: 'replays-page', load: () => import('./pages/replays.js')},
  {path: 'alerts', title: 'Alerts', element: 'alerts-page', load: () => import('./pages/alerts.js')},
  {path: 'routes', title: 'Routes', element: 'routes-page', load: () => import('./pages/routes.js'), there: seesAll},
  {path: 'secrets', title: 'Secrets', element: 'secrets-page', load: () => import('./pages/secrets.js'), there: seesAll},
  {
    path: 'resque', title: 'Resque', element: 'resque-page', load: () => import('./pages/resque.js'),
    there: () => session()?.resque && seesAll() && seesBodies(),
  },
  {path: 'audit', title: 'Audit', element: 'audit-page', load: () => import('./pages/audit.js')},
  {path: 'about', title: 'About', element: 'about-page', load: () => import('./pages/about.js')},
];

/** Those that this server has, and opens to who is signed in. */
export const pages = () => all.filter(page => page.there?.() ?? true);

/** The one at a path; the first for none, and for one that is not there. */
export const pageAt = path => pages().find(page => page.path === path) ?? all[0];
