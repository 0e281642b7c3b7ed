module.exports = async (request) => {
  const url = new URL(request.url);
  if (url.pathname === '/fail') {
    throw new Error('no');
  }
  if (url.pathname === '/json') {
    return { method: request.method };
  }
  const seen = `${request.method} ${url.pathname} ${url.search.slice(1)} ${request.headers.get('x-who')}`;
  return new Response((await request.text()).toUpperCase(), { status: 201, headers: { 'X-Seen': seen } });
};
