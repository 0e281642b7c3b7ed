const path = require('path');

const ui = path.dirname(require.resolve('ah-resque-ui/package.json'));

exports.DEFAULT = {
  // Its pages ask for version 1, whatever the server's own is.
  general: () => ({ serverName: 'resque-ui', apiVersion: '1' }),
  plugins: () => ({ 'ah-resque-ui': { path: ui } }),
  'ah-resque-ui': () => ({ middleware: [] }),
  // It looks: no jobs of its own, and no scheduler.
  tasks: () => ({ minTaskProcessors: 0, maxTaskProcessors: 0, scheduler: false }),
  web: () => ({ bindIP: '127.0.0.1' }),
};
