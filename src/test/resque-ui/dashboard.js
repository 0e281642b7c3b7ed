// ah-resque-ui, which comes as a part of other people's servers, in one with nothing else. PORT and REDIS_PORT say where
// it is; it writes into the folder that it is started in.
const path = require('path');

process.env.ACTIONHERO_CONFIG = path.join(__dirname, 'config');
const { Process } = require('actionhero');

const server = new Process();
server.registerProcessSignals();
server.start().then(
  () => process.stdout.write('ready\n'),
  (problem) => {
    process.stdout.write(`error ${problem.stack}\n`);
    process.exit(1);
  },
);
