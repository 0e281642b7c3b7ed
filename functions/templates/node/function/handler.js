'use strict';

/** Answers a Request with a Response, a text, bytes, or anything that JSON can say. */
module.exports = async (request) => {
  const name = (await request.text()).trim() || 'world';
  return new Response(`Hello, ${name}.\n`, { headers: { 'X-Language': 'node' } });
};
