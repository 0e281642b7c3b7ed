// Serves function/handler.js over HTTP, on 127.0.0.1:$PORT. Node's own modules only; needs Node 18 or newer.
'use strict';

const http = require('node:http');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');

const BODILESS = ['GET', 'HEAD'];

/** A request as browsers know it, whose body can be read as it comes. */
function asked(incoming) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  }
  const body = BODILESS.includes(incoming.method) ? undefined : Readable.toWeb(incoming);
  const url = `http://${incoming.headers.host || 'localhost'}${incoming.url}`;
  return new Request(url, { method: incoming.method, headers, body, duplex: 'half' });
}

/** What a handler may return besides a Response: a text, bytes, nothing, or anything that JSON can say. */
function answer(said) {
  if (said instanceof Response) {
    return said;
  }
  if (said === undefined || typeof said === 'string' || said instanceof Uint8Array) {
    return new Response(said);
  }
  return Response.json(said);
}

async function serve(incoming, outgoing, handle) {
  const response = answer(await handle(asked(incoming)));
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    outgoing.appendHeader ? outgoing.appendHeader(name, value) : outgoing.setHeader(name, value);
  }
  if (response.body && incoming.method !== 'HEAD') {
    await pipeline(Readable.fromWeb(response.body), outgoing);
  } else {
    outgoing.end();
  }
}

async function start() {
  const module = await import('./function/handler.js'); // of either kind
  const handle = typeof module.default === 'function' ? module.default : module.handle;
  const server = http.createServer((incoming, outgoing) => {
    serve(incoming, outgoing, handle).catch((failure) => {
      console.error(failure);
      if (outgoing.headersSent) {
        outgoing.destroy();
      } else {
        outgoing.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
        outgoing.end('the function failed\n');
      }
    });
  });
  server.listen(Number(process.env.PORT), '127.0.0.1');
  // Finishes what runs; connections that only wait are closed, so that the process can end.
  process.on('SIGTERM', () => {
    server.close();
    server.closeIdleConnections();
  });
}

start();
