// Says hello over HTTP, on 127.0.0.1:$PORT. Standard library only.
'use strict';

const http = require('node:http');

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const name = Buffer.concat(parts).toString('utf8').trim() || 'world';
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(`Hello, ${name}, from Node.js.\n`);
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1');

// Finishes what runs; connections that only wait are closed, so that the process can end.
process.on('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
