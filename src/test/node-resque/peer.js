// node-resque as a test wants it: node peer.js PORT enqueue|work|schedule ...
const { Queue, Scheduler, Worker } = require('node-resque');

const [port, what, ...words] = process.argv.slice(2);
const connection = { pkg: 'ioredis', host: '127.0.0.1', port: Number(port), namespace: 'resque' };
const rest = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const say = (line) => process.stdout.write(`${line}\n`);

const tried = new Set();
const jobs = {
  // Notes its arguments, as a Caravan does.
  Hello: {
    perform: async (...args) => {
      await rest(5);
      say(`done ${JSON.stringify(args)}`);
    },
  },
  FailsOnce: {
    perform: async (...args) => {
      if (!tried.has(String(args))) {
        tried.add(String(args));
        throw new TypeError('not at once');
      }
      say(`done ${JSON.stringify(args)}`);
    },
  },
};

/** QUEUE CLASS FROM TO [DELAY]: a job for each number, perhaps in so many milliseconds. */
async function enqueue(queueName, className, from, to, delay) {
  const queue = new Queue({ connection }, jobs);
  await queue.connect();
  for (let i = Number(from); i < Number(to); i++) {
    if (delay) {
      await queue.enqueueIn(Number(delay), queueName, className, [i, 'a/b <é>']);
    } else {
      await queue.enqueue(queueName, className, [i, 'a/b <é>']);
    }
  }
  await queue.end();
}

/** QUEUES: until somebody ends it. */
async function work(queues) {
  const worker = new Worker({ connection, queues: queues.split(','), timeout: 20 }, jobs);
  worker.on('failure', (queue, job, failure) => say(`failed ${failure.message}`));
  worker.on('error', (problem) => say(`error ${problem}`));
  await worker.connect();
  worker.start();
  say('ready');
  process.on('SIGTERM', () => worker.end().then(() => process.exit(0)));
}

async function schedule() {
  const scheduler = new Scheduler({ connection, timeout: 100 });
  scheduler.on('error', (problem) => say(`error ${problem}`));
  await scheduler.connect();
  scheduler.start();
  say('ready');
  process.on('SIGTERM', () => scheduler.end().then(() => process.exit(0)));
}

({ enqueue, work, schedule })[what](...words).catch((problem) => {
  say(`error ${problem.stack}`);
  process.exit(1);
});
